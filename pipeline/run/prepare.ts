import type { Step } from '../plan/step.ts';
import { identityOf, keyOf, type RoleArtifacts } from './key.ts';
import type { Identity, StepRecord } from './record.ts';
import { resolveInputs } from './resolve.ts';

/** A step whose inputs are known: everything that decides whether and how it runs. */
export interface Prepared {
  readonly step: Step;
  readonly inputs: RoleArtifacts;
  readonly identity: Identity;
  readonly key: string;
}

/** Resolves a step's inputs from the records of its producers and computes its key. */
export function prepare(step: Step, stageVersion: number, records: ReadonlyMap<string, StepRecord>): Prepared {
  const inputs = resolveInputs(step, (id) => records.get(id)?.outputs ?? []);
  const identity = identityOf(step, stageVersion, inputs);
  return { step, inputs, identity, key: keyOf(identity) };
}
