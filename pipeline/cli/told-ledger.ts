import type { Artifact, ArtifactKind } from '../plan/artifact.ts';
import type { FactoryError } from '../run/failure.ts';
import type { Ledger } from '../run/ledger.ts';
import type { ToldPlan } from '../provenance/told-plan.ts';
import type { StepRecord } from '../run/record.ts';

/** What others build on; which mirror served a file, and what a check wrote down, may differ. */
const MATTERS: ReadonlySet<ArtifactKind> = new Set(['source', 'source-info', 'image', 'srpm', 'rpm'] as const);

/**
 * A ledger that knows what a provenance tells and nothing else, has forgotten the steps `again`, and keeps nothing. A step that
 * has to be made after all (its outputs are not in the store, its image not in the engine) must make what is told: otherwise
 * its failure is what `other` says.
 */
export function toldLedger(
  ledger: Ledger,
  { records: told, keys }: Pick<ToldPlan, 'records' | 'keys'>,
  again: ReadonlySet<string>,
  other: (told: StepRecord, made: StepRecord) => FactoryError,
): Ledger {
  return {
    async get(key) {
      const record = told.get(key);
      if (record === undefined || again.has(record.step)) return undefined;
      // Where an engine has an image is known to this machine only.
      const here = await ledger.get(keys.get(key) ?? key);
      return here !== undefined && isSame(here, record)
        ? { ...record, outputs: here.outputs, facts: here.facts }
        : record;
    },
    latest: (stepId) => ledger.latest(stepId),
    put(record) {
      const want = told.get(record.key);
      if (want !== undefined && !again.has(record.step) && !isSame(want, record))
        return Promise.reject(other(want, record));
      return Promise.resolve();
    },
    used: () => Promise.resolve(),
  };
}

function isSame(a: StepRecord, b: StepRecord): boolean {
  return lines(a) === lines(b);
}

function lines({ outputs }: StepRecord): string {
  const line = ({ kind, name, digest }: Artifact): string => `${kind} ${name} ${digest}`;
  return outputs
    .filter(({ kind }) => MATTERS.has(kind))
    .map(line)
    .sort()
    .join('\n');
}
