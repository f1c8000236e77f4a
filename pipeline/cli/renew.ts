import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { movePointer } from './move-pointer.ts';
import { openSession } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory renew`: signs anew what the pointer says: the same snapshot, a higher serial, a later end. For a repository that
 * changes more seldom than its pointer expires. Failures: Usage, SnapshotInvalid, LockHeld, and those of signing.
 */
export async function renew(world: World, options: CommonOptions): Promise<number> {
  const session = await openSession(world, options);
  const { name } = session.recipe;
  const repository = session.tools.repository(name);
  const snapshot = await repository.current();
  if (snapshot === undefined)
    throw new FactoryError({
      kind: 'Usage',
      message: `recipe ${name} has nothing published whose pointer could be renewed`,
      advice: 'Publish first: bin/factory publish --recipe <recipe>.',
    });
  const before = (await repository.pointer())?.states ?? null;
  const stillThere = async (): Promise<void> => {
    const now = await repository.current();
    if (now !== snapshot)
      throw new FactoryError({
        kind: 'Usage',
        message: `${name}: the pointer moved from ${snapshot} to ${now ?? 'nothing'} meanwhile`,
        advice: 'Whatever moved it signed it anew; run factory renew again if that is still wanted.',
      });
  };
  const moved = await movePointer(session, {
    snapshot,
    always: true,
    check: stillThere,
    finish: () => Promise.resolve(),
  });
  if (moved.states === undefined) return moved.exitCode;
  const { serial, expires } = moved.states;
  const report = { recipe: name, snapshot, serial, expires, before: before?.expires ?? null };
  const was = report.before === null ? 'nothing that was signed' : `until ${report.before}`;
  const said = `${name}: the pointer at ${snapshot} is good until ${expires} (serial ${serial}); before it was ${was}`;
  world.stdout.write(`${options.json ? JSON.stringify(report) : said}\n`);
  return EXIT.ok;
}
