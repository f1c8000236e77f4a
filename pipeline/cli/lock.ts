import { type Lock, writeLock } from '../recipe/lock.ts';
import { diffLocks } from '../recipe/lock-diff.ts';
import { lockOf } from './lock-found.ts';
import { stepsFromOutside } from './lock-steps.ts';
import type { OwnOptions } from './program.ts';
import { withoutFetched } from './refetch.ts';
import { exitCodeOfRun, runSteps } from './run.ts';
import { openSession } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory lock`: fetches every source as if nothing were locked and takes the images that there are (made anew with
 * --refresh), shows what was found, and writes the recipe's lock.json: size, digest, version and what the trust rests on;
 * bases and package sets of images. With --only just what those targets need; the rest of the lock stays. Everything else
 * only reads that file.
 */
export async function lock(
  world: World,
  options: CommonOptions,
  _args: readonly string[],
  own: OwnOptions,
): Promise<number> {
  const freshImages = own.refresh === true;
  const session = await openSession(world, { ...options, frozen: false }, { ignoreLock: true, freshImages });
  const ledger = withoutFetched(session.ledger, { images: freshImages });
  const outcome = await runSteps(session, { only: stepsFromOutside(session), ledger });
  if (!outcome.ok) return exitCodeOfRun(outcome);
  const found = await lockOf(session, outcome.records);
  const kept: Lock = options.only.length === 0 ? { version: 2, sources: {}, images: {} } : session.lock;
  const written: Lock = {
    version: 2,
    sources: { ...kept.sources, ...found.sources },
    images: { ...kept.images, ...found.images },
  };
  const changes = diffLocks(session.lock, written);
  await writeLock(session.lockFile, written);
  world.stdout.write(
    options.json
      ? `${JSON.stringify(written)}\n`
      : `${[...changes, changes.length === 0 ? 'lock.json is as it was' : 'lock.json written'].join('\n')}\n`,
  );
  // With the lock the steps are others: done now, so that building afterwards needs no network.
  const after = await openSession(world, { ...options, frozen: false });
  const again = await runSteps(after, { only: stepsFromOutside(after) });
  // An image that vanished meanwhile was made again: the same contents under another id.
  if (again.ok)
    await writeLock(session.lockFile, {
      ...written,
      images: { ...written.images, ...(await lockOf(after, again.records)).images },
    });
  return exitCodeOfRun(again);
}
