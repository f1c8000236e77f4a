import { stat } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { asSha256, type Artifact } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';
import { type Difference, parseDifferences, type ToldPackage } from '../provenance/rebuilt.ts';
import { checkReceipt } from '../stages/receipt.ts';
import { baseName, refFiles } from '../stages/script-run.ts';
import { sha256Of } from '../tools/file-ref.ts';
import type { TarFile, Tools } from '../tools/tools.ts';
import { FactoryError } from '../run/failure.ts';
import { runSteps, withLock } from './run.ts';
import type { Session } from './session.ts';
import { stepScripts } from './step-scripts.ts';

const STEP = 'compare-rpms';

/** A published package and the same built again. */
export interface Pair {
  readonly told: ToldPackage;
  readonly rebuilt: Artifact;
}

/** How packages differ. Failures: SnapshotInvalid, ReceiptMismatch, those of a container and of making its image. */
export type Comparison = (pairs: readonly Pair[]) => Promise<readonly Difference[]>;

/**
 * Comparisons of the packages of snapshot `id`, in a container of the image in which the checkout makes snapshots: its rpm
 * reads packages of every age, and it is no part of what is compared. It is made when it is needed.
 */
export function createComparison(session: Session, id: string): Comparison {
  const { recipe, tools, plan, world } = session;
  const [step] = plan.steps.flatMap((one) => (one.stage === 'snapshot' ? [one.inputs.builder.step] : []));
  if (step === undefined) throw new Error('no snapshot in the plan');
  let image: Promise<Artifact> | undefined;
  const made = async (): Promise<Artifact> => {
    const outcome = await runSteps({ ...session, runId: `${session.runId}-compare` }, { only: [step] });
    const [first] = outcome.failures;
    if (first !== undefined) throw new FactoryError(first.failure);
    const artifact = outcome.records.get(step)?.outputs.find(({ kind }) => kind === 'image');
    if (artifact === undefined) throw new FactoryError({ kind: 'Cancelled' });
    return artifact;
  };
  return async (pairs) => {
    const artifact = await (image ??= made());
    return withLock(session, () => compareRpms(tools, artifact, { recipe: recipe.name, id }, pairs, world.signal));
  };
}

/** In a container of `image`: packages are not taken apart on the host. */
async function compareRpms(
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
