import type { Plan } from '../plan/step.ts';
import { Executor } from './executor.ts';
import type { ExecuteDeps, RunOutcome } from './outcome.ts';
import { selectSteps } from './select.ts';

export type { ExecuteDeps, RunOutcome };

/**
 * Makes the wanted steps of a plan and what they need, as far as the ledger does not have them. What goes wrong in a step is
 * in the outcome; it throws only for a wrong plan or an unknown `only` (Internal, Usage).
 */
export async function execute(plan: Plan, deps: ExecuteDeps): Promise<RunOutcome> {
  return new Executor(selectSteps(plan, deps.only), deps).run();
}
