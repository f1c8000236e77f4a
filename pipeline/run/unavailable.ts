import type { StageName, Step } from '../plan/step.ts';
import type { Failure, FailureKind } from './failure.ts';

const FETCHING: ReadonlySet<StageName> = new Set(['fetch-http', 'base-image']);
const UNAVAILABLE: ReadonlySet<FailureKind> = new Set(['AllMirrorsFailed', 'NoBaseImage', 'Offline']);

/** Steps that bring something from outside and need nothing but the network: they fail together when there is none. */
export function bringsInput(step: Step): boolean {
  return FETCHING.has(step.stage);
}

/** Whether a failure says only that something could not be had from outside. */
export function isUnavailable(failure: Failure): boolean {
  return UNAVAILABLE.has(failure.kind);
}

/** Failures of a run with those that say "could not be had" as one, in the place of the first. A single one stays as it is. */
export function mergeUnavailable(
  failures: readonly { readonly step: string; readonly failure: Failure }[],
): { readonly step: string; readonly failure: Failure }[] {
  const some = failures.filter(({ failure }) => isUnavailable(failure));
  const [first] = some;
  if (first === undefined || some.length < 2) return [...failures];
  const merged = {
    step: first.step,
    failure: { kind: 'Unavailable', failures: some.map(({ failure }) => failure) } as const,
  };
  return failures.flatMap((one) => (one === first ? [merged] : some.includes(one) ? [] : [one]));
}
