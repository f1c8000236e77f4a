import { describe } from '../report/describe.ts';
import type { Failure } from '../run/failure.ts';
import type { World } from './world.ts';

/** A failure outside of a run (usage, recipe, lock, engine): what, where, what to do, on standard error. */
export function printFailure(world: World, failure: Failure): void {
  const { short, detail, advice } = describe(failure);
  const lines = [`factory: ${short}`, ...detail.map((line) => `  ${line}`), ...advice.map((line) => `  → ${line}`)];
  world.stderr.write(`${lines.join('\n')}\n`);
}
