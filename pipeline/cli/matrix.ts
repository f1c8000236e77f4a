import { planMatrix } from '../plan/matrix.ts';
import { targetSteps } from '../plan/targets.ts';
import { EXIT } from '../run/exit-code.ts';
import type { Session } from './session.ts';

/** `factory plan --matrix`: the packages as jobs of a CI system, as one line of JSON. Reads the recipe and nothing else. */
export function printMatrix({ plan, recipe, options, world }: Session): number {
  world.stdout.write(`${JSON.stringify(planMatrix(plan, targetSteps(plan, recipe, options.only)))}\n`);
  return EXIT.ok;
}
