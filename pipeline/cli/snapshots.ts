import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import type { Pointer } from '../plan/pointer.ts';
import { meant } from '../plan/similar.ts';
import { textTable } from '../report/text-table.ts';
import { formatBytes } from '../report/units.ts';
import { aboutSnapshot, byAge, type SnapshotAbout } from '../tools/repository-about.ts';
import { readPins } from '../tools/repository-pins.ts';
import { pointerProblems } from '../tools/repository-pointer.ts';
import type { Repository } from '../tools/tools.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory snapshots`: every snapshot of the recipe, oldest first. Only reads, and needs neither the engine nor the lock: a
 * snapshot appears and goes away by one rename.
 */
export async function snapshots(world: World, options: CommonOptions): Promise<number> {
  const session = await openSession(world, options);
  const repository = session.tools.repository(session.recipe.name);
  const all = await listed(session, repository);
  const current = (await repository.current()) ?? null;
  const pins = await readPins(repository.root);
  const pointer = (await repository.pointer())?.states ?? null;
  const now = new Date();
  const rows = all.map((one) => ({ ...one, current: one.id === current, pinned: pins.has(one.id) }));
  const problems = await pointerProblems(
    repository.root,
    all.map(({ id }) => id),
    now,
  );
  if (options.json) {
    const report = { recipe: session.recipe.name, current, pointer, pointerProblems: problems, snapshots: rows };
    world.stdout.write(`${JSON.stringify(report)}\n`);
    return EXIT.ok;
  }
  const lines = textTable(
    ['snapshot', 'made (UTC)', 'packages', 'size', 'state', 'remarks'],
    rows.map((row) => [
      row.id,
      row.createdAt.slice(0, 19).replace('T', ' '),
      String(row.packages),
      formatBytes(row.bytes),
      [...(row.current ? ['current'] : []), ...(row.pinned ? ['pinned'] : [])].join(', '),
      remarks(row),
    ]),
    { right: [2, 3] },
  );
  if (pointer !== null) lines.push(pointerLine(pointer, now));
  if (current === null && problems.length === 0) lines.push('nothing is published');
  if (problems.length > 0) lines.push(...problems, 'the next publish, rollback or renew puts the pointer right');
  world.stdout.write(`${lines.join('\n')}\n`);
  return EXIT.ok;
}

/** What hosts are told, and for how long. */
function pointerLine({ serial, snapshot, issuedAt, expires }: Pointer, now: Date): string {
  const days = (Date.parse(expires) - now.getTime()) / 86_400_000;
  const left = days < 0 ? 'that is over, and hosts refuse it: factory renew' : `${days.toFixed(1)} days left`;
  return `pointer: serial ${serial} at ${snapshot}, signed ${issuedAt}, good until ${expires} (${left})`;
}

/** All snapshots, oldest first. Failures: Usage (there is none). */
export async function listed(session: Session, repository: Repository): Promise<readonly SnapshotAbout[]> {
  const ids = await repository.snapshots();
  if (ids.length === 0)
    throw new FactoryError({
      kind: 'Usage',
      message: `recipe ${session.recipe.name} has no snapshots in ${repository.root}`,
      advice:
        'Make one: bin/factory build --recipe <recipe>, or publish; --artifacts names another directory of results.',
    });
  const all = await Promise.all(ids.map((id) => aboutSnapshot(id, repository.snapshotDir(id))));
  return all.sort(byAge);
}

/** The snapshot that a command names. Failures: Usage (no such snapshot, none at all). */
export async function namedSnapshot(session: Session, repository: Repository, id: string): Promise<SnapshotAbout> {
  const all = await listed(session, repository);
  const found = all.find((one) => one.id === id);
  if (found !== undefined) return found;
  const ids = all.map((one) => one.id);
  throw new FactoryError({
    kind: 'Usage',
    message: `recipe ${session.recipe.name} has no snapshot ${JSON.stringify(id)}${meant(id, ids)}`,
    advice: `There are: ${ids.join(', ')}`,
  });
}

function remarks({ unlocked, demoKey }: SnapshotAbout): string {
  return [
    ...(demoKey === true ? ['demo key'] : []),
    ...(unlocked === null || unlocked.length === 0 ? [] : [`unlocked: ${unlocked.join(' ')}`]),
  ].join('; ');
}
