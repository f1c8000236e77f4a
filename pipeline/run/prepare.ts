import type { Step } from '../plan/step.ts';
import { historyOf, type PastStep } from './history.ts';
import { identityOf, keyOf, type RoleArtifacts } from './key.ts';
import type { Identity, StepRecord } from './record.ts';
import { resolveInputs } from './resolve.ts';

/** A step whose inputs are known: everything that decides whether and how it runs. */
export interface Prepared {
  readonly step: Step;
  readonly inputs: RoleArtifacts;
  readonly identity: Identity;
  readonly key: string;
  /** What the inputs come from; not in the key. */
  readonly history: readonly PastStep[];
}

/** Resolves a step's inputs from the records of its producers and computes its key. */
export function prepare(
  step: Step,
  stageVersion: number,
  steps: ReadonlyMap<string, Step>,
  records: ReadonlyMap<string, StepRecord>,
): Prepared {
  const inputs = resolveInputs(step, (id) => records.get(id)?.outputs ?? []);
  const identity = identityOf(step, stageVersion, inputs);
  return { step, inputs, identity, key: keyOf(identity), history: historyOf(step, steps, records) };
}
