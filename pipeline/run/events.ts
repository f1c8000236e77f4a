import type { Failure } from './failure.ts';
import type { StepRecord } from './record.ts';

/** What happens during a run. Reporters observe; nothing else prints. */
export type FactoryEvent =
  | {
      readonly type: 'run-started';
      readonly runId: string;
      readonly recipe: string;
      readonly steps: readonly { readonly id: string; readonly stage: string; readonly title: string }[];
      /** Directory of this run's logs and pages. */
      readonly runDir: string;
    }
  | { readonly type: 'step-started'; readonly step: string; readonly why: string; readonly log: string | null }
  | { readonly type: 'step-cached'; readonly step: string; readonly record: StepRecord }
  | { readonly type: 'step-made'; readonly step: string; readonly record: StepRecord }
  | {
      readonly type: 'step-failed';
      readonly step: string;
      readonly failure: Failure;
      readonly log: string | null;
      readonly ms: number;
    }
  /** Not run because `because` (a step id) failed or the run was cancelled. */
  | { readonly type: 'step-skipped'; readonly step: string; readonly because: string }
  /** `done` of `total` units (`unit`: objects, bytes); total null while nobody knows. */
  | {
      readonly type: 'step-progress';
      readonly step: string;
      readonly phase: string;
      readonly done: number;
      readonly total: number | null;
      readonly unit: 'objects' | 'bytes' | 'steps';
    }
  | { readonly type: 'log'; readonly step: string; readonly stream: 'stdout' | 'stderr'; readonly line: string }
  | {
      readonly type: 'note';
      readonly level: 'info' | 'warning';
      readonly message: string;
      readonly step: string | null;
    }
  | {
      readonly type: 'run-finished';
      readonly ok: boolean;
      readonly ms: number;
      readonly failures: readonly { readonly step: string; readonly failure: Failure }[];
    };

/** An event with its time (ms since the epoch). */
export type TimedEvent = FactoryEvent & { readonly at: number };

/** Somebody who watches a run. `close` may write files; it is awaited before the process ends. */
export interface Reporter {
  on(event: TimedEvent): void;
  close?(): Promise<void>;
}

export type Emit = (event: FactoryEvent) => void;

/** Sends every event to every reporter, with one clock. */
export function createBus(reporters: readonly Reporter[], now: () => number = Date.now): Emit {
  return (event) => {
    const timed: TimedEvent = { ...event, at: now() };
    for (const reporter of reporters) reporter.on(timed);
  };
}
