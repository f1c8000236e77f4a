import { failureLines } from '../report/terminal/failure-lines.ts';
import type { Failure } from '../run/failure.ts';
import type { World } from './world.ts';

/** A failure outside of a run (usage, recipe, lock, engine): what, where, what to do, on standard error. */
export function printFailure(world: World, failure: Failure): void {
  world.stderr.write(`${failureLines(failure).join('\n')}\n`);
}
