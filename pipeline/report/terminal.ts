import { posix } from 'node:path';
import type { Reporter, TimedEvent } from '../run/events.ts';
import { isUnavailable } from '../run/unavailable.ts';
import { plainText } from './escape.ts';
import { createHistory } from './history.ts';
import { relativeLog } from './summary.ts';
import { closingLines } from './terminal/closing-lines.ts';
import { eventLine } from './terminal/event-line.ts';
import { failureLines } from './terminal/failure-lines.ts';
import { createPaint } from './terminal/paint.ts';
import { advance, progressText } from './terminal/progress.ts';
import type { Running } from './terminal/progress.ts';
import { createScreen } from './terminal/screen.ts';
import type { Output } from './terminal/screen.ts';
import { statusLine } from './terminal/status-line.ts';

/** Calls `tick` every `ms` until the returned function is called. */
type Every = (tick: () => void, ms: number) => () => void;

/** Where and how the terminal reporter prints. */
export interface TerminalOptions {
  readonly stream: Output;
  /** Width in characters, asked before every drawing. */
  readonly columns: () => number;
  readonly isTTY: boolean;
  /** Colours; the caller says true only for a TTY and without NO_COLOR. */
  readonly color: boolean;
  /** Print every log line. */
  readonly verbose: boolean;
  /** ms since the epoch. */
  readonly now: () => number;
  /** Default: an interval that does not keep the process alive. */
  readonly every?: Every;
}

const REDRAW_MS = 100;
const TICK_MS = 250;
/** Without a TTY a running step says something so often. */
const REPORT_MS = 30_000;
const MAX_ID_WIDTH = 36;
/** Tables on a pipe: nobody to ask, so as wide as they need. */
const UNLIMITED = 1_000;

const interval: Every = (tick, ms) => {
  const timer = setInterval(tick, ms).unref();
  return () => {
    clearInterval(timer);
  };
};

/** One line per change of state; on a TTY a status line below that is redrawn; at the end tables. */
export function createTerminal(options: TerminalOptions): Reporter {
  const { isTTY, now } = options;
  const paint = createPaint(options.color);
  const screen = createScreen({ ...options, style: paint.cyan });
  const history = createHistory();
  const titles = new Map<string, string>();
  const running = new Map<string, Running>();
  const reported = new Map<string, number>();
  let start: Extract<TimedEvent, { type: 'run-started' }> | undefined;
  const ended = new Set<string>();
  let drawnAt = 0;
  let stopTimer = (): void => undefined;

  function draw(): void {
    if (start === undefined || !isTTY) return;
    drawnAt = now();
    const status = { startedAt: start.at, ended: ended.size, total: titles.size, running: [...running.values()] };
    // The last column stays free: some terminals wrap as soon as it is written.
    screen.status(statusLine(status, options.columns() - 1, drawnAt));
  }

  function report(): void {
    const at = now();
    for (const [id, step] of running) {
      if (at - (reported.get(id) ?? step.startedAt) < REPORT_MS) continue;
      reported.set(id, at);
      screen.print([`         ... ${progressText(step, at, 'full')}`]);
    }
  }

  const tick = (): void => (isTTY ? draw() : report());

  function follow(event: TimedEvent): void {
    if (event.type === 'run-started') {
      start = event;
      for (const step of event.steps) titles.set(step.id, step.title);
      screen.print([`${paint.bold(`recipe ${event.recipe}`)}, ${titles.size} steps, run ${event.runId}`]);
      stopTimer = (options.every ?? interval)(tick, TICK_MS);
    } else if (event.type === 'step-started') {
      // A step can run twice: when its output turns out to be damaged while it is used.
      ended.delete(event.step);
      reported.delete(event.step);
      running.set(event.step, { id: event.step, startedAt: event.at, progress: null });
    } else if (event.type === 'step-progress') {
      const step = running.get(event.step);
      if (step !== undefined) running.set(event.step, advance(step, event));
    } else if (event.type === 'log' && options.verbose) {
      screen.print([`${paint.dim(`${event.step} |`)} ${plainText(event.line)}`]);
    } else if (event.type.startsWith('step-') && 'step' in event && event.step !== null) {
      running.delete(event.step);
      ended.add(event.step);
    }
  }

  function printFailure(event: Extract<TimedEvent, { type: 'step-failed' }>): void {
    // What could not be had is told at the end, all at once.
    if (event.failure.kind === 'Cancelled' || isUnavailable(event.failure)) return;
    const log = relativeLog(event.log, start?.runDir ?? '');
    const path = log === null || start === undefined ? log : posix.join(start.runDir, '..', '..', log);
    const lines = failureLines(event.failure, { paint, tail: history.tail(event.step), log: path });
    screen.print(['', ...lines, '']);
  }

  function finish(event: Extract<TimedEvent, { type: 'run-finished' }>): void {
    stopTimer();
    screen.status(null);
    for (const { failure } of event.failures)
      if (isUnavailable(failure) || failure.kind === 'Unavailable')
        screen.print(['', ...failureLines(failure, { paint })]);
    const summary = history.summary();
    if (summary === undefined || start === undefined) return;
    const width = isTTY ? options.columns() - 1 : UNLIMITED;
    screen.print(closingLines(summary, { runDir: start.runDir, width, paint }));
  }

  return {
    on(event) {
      history.on(event);
      follow(event);
      const idWidth = Math.min(MAX_ID_WIDTH, Math.max(0, ...[...titles.keys()].map((id) => id.length)));
      const startedAt = start?.at ?? event.at;
      const line = eventLine(event, { paint, startedAt, idWidth, title: (step) => titles.get(step) ?? '' });
      if (line !== undefined) screen.print([line]);
      if (event.type === 'step-failed') printFailure(event);
      if (event.type === 'run-finished') finish(event);
      else if (event.type !== 'step-progress' || now() - drawnAt >= REDRAW_MS) tick();
    },
    close() {
      stopTimer();
      screen.status(null);
      return Promise.resolve();
    },
  };
}
