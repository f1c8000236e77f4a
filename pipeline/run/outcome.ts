import type { StageTable } from '../stages/stage.ts';
import type { Failure } from './failure.ts';
import type { StepRecord } from './record.ts';
import type { StepDeps } from './run-step.ts';

/** What a run needs. It emits step events only: run-started and run-finished are the caller's, who knows the rest. */
export interface ExecuteDeps extends StepDeps {
  readonly stages: StageTable;
  /** How many heavy and how many light steps may run at a time; each 1 or more. */
  readonly jobs: { readonly heavy: number; readonly light: number };
  /** After a failure: true goes on with everything that does not need the failed step, false starts nothing new. */
  readonly keepGoing: boolean;
  /** Ids of the wanted steps; without it, those that no other step uses. Only they and their ancestors run. */
  readonly only?: readonly string[];
}

/** How a run ended. */
export interface RunOutcome {
  /** Every wanted step is there. */
  readonly ok: boolean;
  /** Of every step that is there, made now or before. */
  readonly records: ReadonlyMap<string, StepRecord>;
  /** In the order in which they happened; Cancelled for steps that ran when the signal came. */
  readonly failures: readonly { readonly step: string; readonly failure: Failure }[];
  /** Ids of steps that did not run because of a failure or the signal. */
  readonly skipped: readonly string[];
}

/** `because` of a step-skipped event when no step is to blame: the run was cancelled. */
export const CANCELLED = 'cancelled';

/** The end of a step: there, or not because of a step (its own id when it failed itself) or CANCELLED. */
export type Settled = { readonly ok: true } | { readonly ok: false; readonly because: string };
