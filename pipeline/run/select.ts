import { handlesOf, type Plan, type Step } from '../plan/step.ts';
import { FactoryError } from './failure.ts';

/** The part of a plan that a run is about. */
export interface Selection {
  /** Targets and everything they need, in plan order. */
  readonly steps: readonly Step[];
  /** Ids of the steps whose results are wanted for themselves. */
  readonly targets: ReadonlySet<string>;
}

/** Ids of the steps whose outputs a step takes, each once. */
export function producersOf(step: Step): readonly string[] {
  return [...new Set(handlesOf(step).map(({ handle }) => handle.step))];
}

/**
 * Targets are the `only` steps, or else the steps that no other step uses. Failures: Usage (no such step), Internal (a plan
 * in which an id stands twice or a step before its inputs).
 */
export function selectSteps(plan: Plan, only?: readonly string[]): Selection {
  const seen = new Set<string>();
  for (const step of plan.steps) {
    const unknown = producersOf(step).find((id) => !seen.has(id));
    if (unknown !== undefined) throw badPlan(`${step.id} stands before its input ${unknown}`);
    if (seen.has(step.id)) throw badPlan(`${step.id} stands in the plan twice`);
    seen.add(step.id);
  }
  const used = new Set(plan.steps.flatMap(producersOf));
  const targets = new Set(only ?? plan.steps.map(({ id }) => id).filter((id) => !used.has(id)));
  const missing = [...targets].find((id) => !seen.has(id));
  if (missing !== undefined) {
    const advice = `Steps of this plan: ${[...seen].join(', ')}`;
    throw new FactoryError({ kind: 'Usage', message: `no step ${missing} in the plan`, advice });
  }

  const wanted = new Set(targets);
  for (const step of plan.steps.toReversed()) {
    if (wanted.has(step.id)) for (const id of producersOf(step)) wanted.add(id);
  }
  return { steps: plan.steps.filter(({ id }) => wanted.has(id)), targets };
}

function badPlan(message: string): FactoryError {
  return new FactoryError({ kind: 'Internal', message, stack: new Error(message).stack ?? '' });
}
