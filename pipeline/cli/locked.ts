import { failureOf } from '../run/failure.ts';
import { withLock } from './run.ts';
import type { Session } from './session.ts';
import { sweepDeadRun } from './sweep.ts';

/**
 * Holds the artifacts lock while `work` runs, for commands that have to work without an engine. What a dead run left in files
 * is swept first when the lock was its; where no engine answers, its containers stay and that is said.
 */
export async function underLock<T>(session: Session, work: () => Promise<T>): Promise<T> {
  return withLock(session, async (tookOver) => {
    if (tookOver) await sweepFiles(session);
    return work();
  });
}

/** Like sweepDeadRun, but a missing engine is only told, on standard error. Its part comes last, so files are swept anyway. */
export async function sweepFiles(session: Session): Promise<readonly string[]> {
  try {
    return await sweepDeadRun(session);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind !== 'EngineUnavailable') throw error;
    session.world.stderr.write(
      `factory: no engine at ${failure.endpoint}: containers that a dead run may have left stay until the next factory prune\n`,
    );
    return [];
  }
}
