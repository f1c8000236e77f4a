import { join } from 'node:path';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { verifyStore } from '../store/index.ts';
import { pointerProblems } from '../tools/repository-pointer.ts';
import { verifySnapshot } from '../tools/verify-snapshot.ts';
import type { OwnOptions } from './program.ts';
import { exitCodeOfRun, runSteps, withLock } from './run.ts';
import { openSession } from './session.ts';
import { verifyRebuild } from './verify-rebuild.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory verify`: hashes every object of the store and every file of the recipe's snapshots, and checks that the pointer
 * names one of them. Damaged objects are set aside, so that the next build makes them again.
 */
export async function verify(
  world: World,
  options: CommonOptions,
  _args?: readonly string[],
  own: OwnOptions = {},
): Promise<number> {
  if (own.crossCheck === true) return crossCheck(world, options);
  const { rebuild: wanted, from, snapshot } = own;
  if (wanted !== undefined) return verifyRebuild(world, options, { wanted, snapshot, from: from ?? 'provenance' });
  if (from !== undefined || snapshot !== undefined)
    throw new FactoryError({
      kind: 'Usage',
      message: '--from and --snapshot say what --rebuild compares: give that too',
    });
  const session = await openSession(world, options);
  const repository = session.tools.repository(session.recipe.name);
  const report = await withLock(session, async () => {
    const store = await verifyStore(session.artifacts.store);
    const ids = await repository.snapshots();
    const snapshots = [];
    for (const id of ids) snapshots.push({ id, problems: await verifySnapshot(join(repository.snapshotDir(id))) });
    const pointer = await pointerProblems(repository.root, ids, new Date());
    return { store, snapshots, current: await repository.current(), pointer };
  });
  if (options.json) world.stdout.write(`${JSON.stringify(report)}\n`);
  else {
    const lines = [
      `store: ${report.store.ok} objects as they should be, ${report.store.corrupt.length} damaged and set aside`,
      ...report.store.corrupt.map(({ digest, got }) => `  ${digest}: ${got}`),
      ...report.snapshots.flatMap(({ id, problems }) => [
        `snapshot ${id}: ${problems.length === 0 ? 'every file as in SHA256SUMS' : `${problems.length} problems`}${id === report.current ? ' (current)' : ''}`,
      ]),
      `current: ${report.current ?? 'nothing is published'}`,
    ];
    world.stdout.write(`${lines.join('\n')}\n`);
  }
  const pointer = { id: 'current', problems: report.pointer };
  const bad = [...report.snapshots, pointer].find(({ problems }) => problems.length > 0);
  if (bad !== undefined) throw new FactoryError({ kind: 'SnapshotInvalid', snapshot: bad.id, problems: bad.problems });
  return report.store.corrupt.length > 0 ? EXIT.verification : EXIT.ok;
}

/** Runs the comparisons of the recipe that were not made yet with these inputs. */
async function crossCheck(world: World, options: CommonOptions): Promise<number> {
  const session = await openSession(world, options);
  const only = session.plan.steps.filter(({ stage }) => stage === 'cross-check').map(({ id }) => id);
  if (only.length === 0)
    throw new FactoryError({
      kind: 'Usage',
      message: `recipe ${session.recipe.name} has no package with both a source package and a patched tree to compare`,
    });
  return exitCodeOfRun(await runSteps(session, { only }));
}
