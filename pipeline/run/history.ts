import type { Step } from '../plan/step.ts';
import type { StepRecord } from './record.ts';
import { producersOf } from './select.ts';

/** A step that is there, with the record of how it came to be. */
export interface PastStep {
  readonly step: Step;
  readonly record: StepRecord;
}

/**
 * Everything that a step's inputs come from: its producers, theirs, and so on, in plan order. Steps of the plan that it does
 * not build on are not in it, nor are ancestors that did not come to be (of a step that is about to run, all did).
 */
export function historyOf(
  step: Step,
  steps: ReadonlyMap<string, Step>,
  records: ReadonlyMap<string, StepRecord>,
): readonly PastStep[] {
  const ancestors = new Set(producersOf(step));
  // A set that grows while it is walked: what is added is visited too.
  for (const id of ancestors) {
    const ancestor = steps.get(id);
    if (ancestor !== undefined) for (const before of producersOf(ancestor)) ancestors.add(before);
  }
  return [...steps.values()].flatMap((one): PastStep[] => {
    const record = ancestors.has(one.id) ? records.get(one.id) : undefined;
    return record === undefined ? [] : [{ step: one, record }];
  });
}
