import { parseSnapshotTree } from '../plan/snapshot.ts';
import { failedBootChecks, parseBootEvidence } from '../report/proof.ts';
import { proofPicture } from '../report/proof-picture.ts';
import { FactoryError } from '../run/failure.ts';
import { artifactFile, runScript, type ScriptRun } from './script-run.ts';
import { kernelRelease, packagesOf } from './snapshot-packages.ts';
import type { Stage, StageContext } from './stage.ts';
import { pairSummary } from './verify-pair-document.ts';

type Context = StageContext<'verify-boot'>;

/** What QEMU takes beside the memory of a guest, and what the archives and captures take. */
const MIB_PER_MACHINE = 384;
const MACHINES = 4;

/**
 * Boots what verify-install installed from the snapshot: client, director and two backends as virtual machines in one
 * container without network and privileges, with real traffic between them. Everything that was seen becomes evidence; one
 * failed check fails the step.
 */
export const verifyBoot: Stage<'verify-boot'> = {
  name: 'verify-boot',
  version: 2,
  weight: 'heavy',
  container: bootRun,
  async run(context) {
    const { step, tools, log } = context;
    const { files } = await runScript(context, await bootRun(context), {
      // The script reports what it saw in its evidence; it ends with an error only when it could not even do that.
      explain: (error) =>
        error && { kind: 'ChecksFailed', step: step.id, checks: [{ id: error.code, want: 'pass', got: error.detail }] },
    });
    const found = files.get('verify-boot.json');
    if (found === undefined)
      throw new FactoryError({
        kind: 'ReceiptMismatch',
        step: step.id,
        detail: 'verify-boot.sh left no verify-boot.json',
      });
    const evidence = parseBootEvidence(await tools.store.read(found.digest));
    const failed = failedBootChecks(evidence);
    if (failed.length > 0) throw new FactoryError({ kind: 'ChecksFailed', step: step.id, checks: failed });
    const picture = await tools.store.put(Buffer.from(proofPicture(evidence)));
    log(`${evidence.checks.length} checks passed in ${evidence.seconds.all} s`);
    return {
      outputs: [
        ...[...files].map(([name, file]) => ({ kind: 'evidence' as const, name, ...file })),
        { kind: 'evidence', name: 'verify-boot.svg', ...picture },
      ],
      facts: { checks: evidence.checks.length, seconds: evidence.seconds.all },
    };
  },
};

async function bootRun({ step, inputs, tools }: Context): Promise<ScriptRun> {
  const { recipe, boot, kernels, scripts } = step.params;
  const tree = parseSnapshotTree(await tools.store.read(inputs.snapshot.digest));
  const release = (releaseSuffix: string): string =>
    packagesOf(tree, [{ name: 'kernel', releaseSuffix }], step.id)
      .map(kernelRelease)
      .join();
  // As the gate read it in both kernels; no recipe says it a second time.
  const pair = tree.files.find(({ path }) => path === 'pair.json');
  if (pair === undefined) throw new Error(`snapshot ${tree.id} has no pair.json`);
  const settings = {
    ...boot,
    option: pairSummary(await tools.store.read(pair.digest)).toaOption,
    recipe,
    snapshot: tree.id,
    releases: { director: release(kernels.director), backend: release(kernels.backend) },
  };
  return {
    image: inputs.runner,
    script: 'verify-boot.sh',
    scripts,
    env: {},
    files: [
      { path: 'in/settings.json', mode: 0o644, bytes: Buffer.from(`${JSON.stringify(settings, null, 2)}\n`) },
      artifactFile(tools, inputs.director, 'in/rootfs-director.tar'),
      artifactFile(tools, inputs.backend, 'in/rootfs-backend.tar'),
    ],
    memoryBytes: MACHINES * (boot.machine.memoryMiB + MIB_PER_MACHINE) * 1024 * 1024,
    idleSeconds: boot.seconds.all + 60,
  };
}
