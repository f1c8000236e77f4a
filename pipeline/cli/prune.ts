import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pruneLedger } from '../run/prune-ledger.ts';
import { EXIT } from '../run/failure.ts';
import { formatBytes } from '../report/units.ts';
import { pruneStore } from '../store/index.ts';
import type { OwnOptions } from './program.ts';
import { withLock } from './run.ts';
import { openSession } from './session.ts';
import { sweepDeadRun } from './sweep.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory prune`: keeps what the latest record of every step needs, and the newest run folders; removes older records,
 * objects that no record names, and leftovers of dead runs. Published snapshots are not touched.
 */
export async function prune(
  world: World,
  options: CommonOptions,
  _args: readonly string[],
  own: OwnOptions,
): Promise<number> {
  const session = await openSession(world, options);
  const { artifacts } = session;
  const result = await withLock(session, async () => {
    const leftovers = await sweepDeadRun(session);
    const { kept, removed } = await pruneLedger(artifacts.ledger);
    const freed = await pruneStore(
      artifacts.store,
      new Set(kept.flatMap((record) => record.outputs.map(({ digest }) => digest))),
    );
    // Halves of downloads that nobody went on with; those of sources still wanted start again from the beginning.
    await rm(join(artifacts.root, 'downloads'), { recursive: true, force: true });
    const runs = await oldRuns(artifacts.runs, own.keepRuns ?? 10);
    for (const run of runs) await rm(join(artifacts.runs, run), { recursive: true });
    return { leftovers, records: removed, freed, runs };
  });
  world.stdout.write(
    options.json
      ? `${JSON.stringify(result)}\n`
      : `freed ${formatBytes(result.freed)}: ${result.records} old records, ${result.runs.length} old run folders, ${result.leftovers.length} leftovers\n`,
  );
  return EXIT.ok;
}

/** Run folders begin with their time, so their names sort by age. */
async function oldRuns(dir: string, keep: number): Promise<string[]> {
  try {
    const names = (await readdir(dir)).sort();
    return names.slice(0, Math.max(0, names.length - keep));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
