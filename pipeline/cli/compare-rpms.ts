import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { asSha256, type Artifact } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';
import { type Difference, parseDifferences, type ToldPackage } from '../provenance/rebuilt.ts';
import { checkReceipt } from '../stages/receipt.ts';
import { baseName, refFiles } from '../stages/script-run.ts';
import { sha256Of } from '../tools/file-ref.ts';
import type { TarFile, Tools } from '../tools/tools.ts';
import { stepScripts } from './step-scripts.ts';

const STEP = 'compare-rpms';

/** A published package and the same built again. */
export interface Pair {
  readonly told: ToldPackage;
  readonly rebuilt: Artifact;
}

/**
 * How packages differ, found in a container of `image`: packages are not taken apart on the host. `snapshot`: recipe and id of
 * the one that has the published packages. Failures: SnapshotInvalid, ReceiptMismatch, those of a container.
 */
export async function compareRpms(
  tools: Tools,
  image: Artifact,
  snapshot: { readonly recipe: string; readonly id: string },
  pairs: readonly Pair[],
  signal: AbortSignal,
): Promise<readonly Difference[]> {
  const files: TarFile[] = [];
  const repository = tools.repository(snapshot.recipe);
  for (const { told, rebuilt } of pairs) {
    const { size } = await stat(`${repository.snapshotDir(snapshot.id)}/${told.path}`);
    const published = repository.file(snapshot.id, told.path, { digest: asSha256(told.signed), size });
    const again = { size: rebuilt.size, open: () => tools.store.open(rebuilt.digest) };
    files.push({ path: `in/published/${baseName(told.path)}`, mode: 0o644, bytes: published });
    files.push({ path: `in/rebuilt/${baseName(told.path)}`, mode: 0o644, bytes: again });
  }
  const outputs = new Map<string, Buffer>();
  await tools.containers.run(
    {
      step: STEP,
      image: image.engineId ?? '',
      command: ['/bin/bash', '/step/entry.sh', 'compare-rpms.sh'],
      env: {},
      user: 'builder',
      network: 'none',
      files: [...(await refFiles(tools, await scripts(), 'step', 0o755)), ...files],
      tmpfs: {},
      volumes: {},
      idleSeconds: 900,
    },
    {
      onLine: () => undefined,
      async onOutput(file) {
        outputs.set(file.path, await buffer(file.bytes));
      },
      signal,
    },
  );
  const receipt = outputs.get('.receipt')?.toString('utf8');
  outputs.delete('.receipt');
  const received = [...outputs].map(
    ([path, bytes]) => [path, { digest: sha256Of(bytes), size: bytes.length }] as const,
  );
  checkReceipt(STEP, receipt, new Map(received));
  return parseDifferences(outputs.get('differences')?.toString('utf8') ?? '');
}

async function scripts(): Promise<FileRef[]> {
  const all = await stepScripts();
  return ['entry.sh', 'lib.sh', 'compare-rpms.sh'].map((name) => {
    const ref = all.get(name);
    if (ref === undefined) throw new Error(`there is no step script ${name}`);
    return ref;
  });
}
