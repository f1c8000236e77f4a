import type { Reporter, TimedEvent } from '../run/events.ts';
import { summarise } from './summarise.ts';
import { startOf } from './summary.ts';
import type { RunSummary } from './summary.ts';

/** How many lines of a step's output are shown when it fails. */
const TAIL_LINES = 40;

/** Remembers of a run what its summary needs, in bounded memory however much is logged. */
export interface History extends Reporter {
  /** The last lines of a step's output; empty when it printed nothing. */
  tail(step: string): readonly string[];
  /** undefined before `run-started`. */
  summary(): RunSummary | undefined;
}

/** A History that is empty. */
export function createHistory(): History {
  const events: TimedEvent[] = [];
  const tails = new Map<string, string[]>();
  const phases = new Map<string, string>();

  function keepLine(step: string, line: string): void {
    const tail = tails.get(step) ?? [];
    tails.set(step, tail);
    tail.push(line);
    if (tail.length > TAIL_LINES) tail.shift();
  }

  return {
    on(event) {
      if (event.type === 'log') {
        keepLine(event.step, event.line);
        return;
      }
      if (event.type === 'step-progress') {
        // Only the change of phase matters afterwards; there can be an event per compiled object.
        if (phases.get(event.step) === event.phase) return;
        phases.set(event.step, event.phase);
      }
      if (event.type === 'step-made') tails.delete(event.step);
      events.push(event);
    },
    tail: (step) => tails.get(step) ?? [],
    summary: () => (startOf(events) === undefined ? undefined : summarise(events, tails)),
  };
}
