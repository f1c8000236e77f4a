import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asSha256 } from '../plan/artifact.ts';
import type { Cluster } from '../host/configure/cluster.ts';
import type { HostFiles } from '../host/configure/hosts.ts';
import { plural } from '../report/units.ts';
import { FactoryError } from '../run/failure.ts';
import type { TarFile } from '../tools/tools.ts';
import { verifySnapshot } from '../tools/verify-snapshot.ts';
import { runKeepalived } from './check-keepalived.ts';
import { runSteps } from './run.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/** Stops what cannot be checked before anything is written. Failures: Usage. */
export function mustBeCheckable({ kind }: Cluster): void {
  if (kind === 'lts') return;
  throw new FactoryError({
    kind: 'Usage',
    message: 'not checkable: keepalived 1.2.2 of kind el6 has no option that only reads its configuration',
    advice: 'Leave --check out. quagga has such an option: `ospfd -C -f /etc/quagga/ospfd.conf` on a director.',
  });
}

/**
 * Lets the keepalived that is published for the cluster's kind read every keepalived.conf, on the clean machine of the
 * recipe. Returns what to tell. Failures: Usage (nothing is published), SnapshotInvalid, StepFailed (config-rejected), those of images.
 */
export async function checkConfigured(
  world: World,
  options: CommonOptions,
  cluster: Cluster,
  hosts: readonly HostFiles[],
): Promise<readonly string[]> {
  // The recipe's name is the kind's; whoever has a recipe of their own names it.
  const recipe = options.recipe === 'el6' ? cluster.kind : options.recipe;
  const session = await openSession(world, { ...options, recipe });
  const { id, rpm, name } = await publishedKeepalived(session);
  const image = await targetImage(session);
  const directors = hosts.filter(({ role }) => role === 'director');
  await runKeepalived(session.tools, image, rpm, directors, world.signal);
  return [`${name} of snapshot ${id} accepts the configuration of ${plural(directors.length, 'director')}`];
}

/** keepalived of the current snapshot, after all of the snapshot was read back from disk. */
async function publishedKeepalived(session: Session): Promise<{ id: string; rpm: TarFile['bytes']; name: string }> {
  const { name: recipe } = session.recipe;
  const repository = session.tools.repository(recipe);
  const id = await repository.current();
  if (id === undefined) {
    throw new FactoryError({
      kind: 'Usage',
      message: `nothing of recipe ${recipe} is published yet: --check reads with the keepalived that hosts would get`,
      advice: `Publish it first: bin/factory publish --recipe ${recipe}. What was generated is written all the same.`,
    });
  }
  const dir = repository.snapshotDir(id);
  const problems = await verifySnapshot(dir);
  if (problems.length > 0) throw new FactoryError({ kind: 'SnapshotInvalid', snapshot: id, problems });
  const sums = await readFile(join(dir, 'SHA256SUMS'), 'utf8');
  const [, digest, path] = /^([0-9a-f]{64}) [ *](RPMS\/keepalived-\d[^/\n]*\.rpm)$/m.exec(sums) ?? [];
  if (digest === undefined || path === undefined) {
    throw new FactoryError({ kind: 'Usage', message: `snapshot ${id} of recipe ${recipe} has no package keepalived` });
  }
  const { size } = await stat(join(dir, path));
  const rpm = repository.file(id, path, { digest: asSha256(digest), size });
  return { id, rpm, name: path.replace(/^RPMS\/|\.[^.]+\.rpm$/g, '') };
}

/** The engine's id of the clean machine that packages are installed on; made when it is not there. */
async function targetImage(session: Session): Promise<string> {
  const [step] = session.plan.steps.flatMap((one) => (one.stage === 'verify-install' ? [one.inputs.target.step] : []));
  if (step === undefined) throw new Error('the plan installs nothing');
  const outcome = await runSteps(session, { only: [step] });
  const [failed] = outcome.failures;
  if (failed !== undefined) throw new FactoryError(failed.failure);
  if (!outcome.ok) throw new FactoryError({ kind: 'Cancelled' });
  const image = outcome.records.get(step)?.outputs.find(({ kind }) => kind === 'image');
  if (image?.engineId === undefined) throw new Error(`${step} made no image`);
  return image.engineId;
}
