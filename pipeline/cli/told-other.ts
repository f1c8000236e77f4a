import { FactoryError } from '../run/failure.ts';
import type { StepRecord } from '../run/record.ts';

/** Why what was made in the place of something told will not do: each output of which the digest is another one. */
export function madeOther(snapshot: string, told: StepRecord, made: StepRecord): FactoryError {
  const lines = told.outputs.flatMap(({ kind, name, digest }) => {
    const now = made.outputs.find((one) => one.kind === kind && one.name === name)?.digest;
    return now === digest ? [] : [`${kind} ${name}: told sha256 ${digest}, made now ${now ?? 'nothing of that name'}`];
  });
  const missing = [{ what: `${told.step} makes something else today`, lines }];
  return new FactoryError({ kind: 'ToldMissing', snapshot, missing });
}
