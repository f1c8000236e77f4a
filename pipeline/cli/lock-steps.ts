import type { Step } from '../plan/step.ts';
import { targetSteps } from '../plan/targets.ts';
import { selectSteps } from '../run/select.ts';
import type { Session } from './session.ts';

const LOCKED = new Set<Step['stage']>([
  'fetch-http',
  'fetch-apt',
  'verify-srpm',
  'base-image',
  'builder-image',
  'given-image',
]);

/** Ids of the steps that bring something in from outside: all of the recipe, or what the targets of `--only` need. */
export function stepsFromOutside({ plan, recipe, options }: Session): string[] {
  const only = options.only.length === 0 ? undefined : targetSteps(plan, recipe, options.only);
  return selectSteps(plan, only ?? plan.steps.map(({ id }) => id)).steps.flatMap(({ id, stage }) =>
    LOCKED.has(stage) ? [id] : [],
  );
}
