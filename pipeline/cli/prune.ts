import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pruneLedger } from '../run/prune-ledger.ts';
import { EXIT } from '../run/exit-code.ts';
import { formatBytes } from '../report/units.ts';
import { pruneStore } from '../store/index.ts';
import { putKeyAndRepoFile } from '../stages/put-key.ts';
import { aboutSnapshot, byAge } from '../tools/repository-about.ts';
import { readPins } from '../tools/repository-pins.ts';
import type { OwnOptions } from './program.ts';
import { sweepFiles } from './locked.ts';
import { withLock } from './run.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory prune`: keeps what the latest record of every step needs, and the newest run folders; removes older records,
 * objects that no record names, and leftovers of dead runs. With --keep N all snapshots but the newest N go too, never one that
 * is current or pinned; without it none does. Works without an engine.
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
    const leftovers = await sweepFiles(session);
    const { kept, removed } = await pruneLedger(artifacts.ledger);
    const freed = await pruneStore(
      artifacts.store,
      new Set(kept.flatMap((record) => record.outputs.map(({ digest }) => digest))),
    );
    // Halves of downloads that nobody went on with; those of sources still wanted start again from the beginning.
    await rm(join(artifacts.root, 'downloads'), { recursive: true, force: true });
    const runs = await oldRuns(artifacts.runs, own.keepRuns ?? 10);
    for (const run of runs) await rm(join(artifacts.runs, run), { recursive: true });
    const snapshots = own.keep === undefined ? null : await pruneSnapshots(session, own.keep);
    return { leftovers, records: removed, freed, runs, snapshots };
  });
  world.stdout.write(
    options.json
      ? `${JSON.stringify(result)}\n`
      : `freed ${formatBytes(result.freed)}: ${result.records} old records, ${result.runs.length} old run folders, ${result.leftovers.length} leftovers\n${snapshotLines(result.snapshots)}`,
  );
  return EXIT.ok;
}

interface PrunedSnapshots {
  readonly kept: readonly { readonly id: string; readonly why: string }[];
  readonly removed: readonly string[];
}

/** The newest `keep` stay, and whatever the pointer or a pin names. */
async function pruneSnapshots(session: Session, keep: number): Promise<PrunedSnapshots> {
  const repository = session.tools.repository(session.recipe.name);
  const [needed, pins, current] = [
    await repository.kept(),
    await readPins(repository.root),
    await repository.current(),
  ];
  const kept: { id: string; why: string }[] = [];
  const removed: string[] = [];
  const ids = await repository.snapshots();
  const about = await Promise.all(ids.map((id) => aboutSnapshot(id, repository.snapshotDir(id))));
  for (const [index, { id }] of about.sort(byAge).reverse().entries()) {
    if (id === current) kept.push({ id, why: 'current' });
    else if (pins.has(id)) kept.push({ id, why: 'pinned' });
    else if (needed.has(id)) kept.push({ id, why: 'a move of the pointer was interrupted' });
    else if (index < keep) kept.push({ id, why: 'new' });
    else removed.push(id);
  }
  for (const id of removed) await repository.removeSnapshot(id);
  // The .repo file names no keys that only signed what is gone.
  if (removed.length > 0 && current !== undefined) {
    const key = await readFile(join(repository.snapshotDir(current), 'RPM-GPG-KEY-factory'));
    const { name, publish } = session.recipe;
    await putKeyAndRepoFile(repository, { recipe: name, ...publish }, key);
  }
  return { kept, removed };
}

function snapshotLines(snapshots: PrunedSnapshots | null): string {
  if (snapshots === null) return '';
  const { kept, removed } = snapshots;
  const lines = [...kept.map(({ id, why }) => `kept ${id} (${why})`), ...removed.map((id) => `removed ${id}`)];
  return lines.map((line) => `${line}\n`).join('');
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
