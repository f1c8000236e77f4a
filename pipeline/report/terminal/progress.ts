import type { FactoryEvent, TimedEvent } from '../../run/events.ts';
import { formatLeft, startEta, timeLeft, updateEta } from '../eta.ts';
import type { Eta } from '../eta.ts';
import { formatBytes, formatClock } from '../units.ts';

type ProgressEvent = Extract<FactoryEvent, { type: 'step-progress' }>;

/** A step that is running now, and how far it is. */
export interface Running {
  readonly id: string;
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly progress: { readonly event: ProgressEvent; readonly eta: Eta } | null;
}

/** The running step after another progress event. A new phase or unit starts a new estimate. */
export function advance(running: Running, event: Extract<TimedEvent, { type: 'step-progress' }>): Running {
  const before = running.progress;
  const same = before !== null && before.event.phase === event.phase && before.event.unit === event.unit;
  const eta = same ? updateEta(before.eta, event.at, event.done, event.total) : startEta(event.at, event.done);
  return { ...running, progress: { event, eta } };
}

/** Whole percent; a running step is never shown as complete. Null when the total is unknown or turned out too small. */
function percent(done: number, total: number | null): number | null {
  if (total === null || total <= 0 || done < 0 || done > total) return null;
  return Math.min(99, Math.floor((done / total) * 100));
}

/** How much is said: `full` with counts, `short` without, `brief` without stage and phase, `name` only the step. */
export type Detail = 'full' | 'short' | 'brief' | 'name';

/** `rebuild-srpm:tools: compile 49% 1234/2500 objects, about 4 min left, 2:31`. */
export function progressText(running: Running, now: number, detail: Detail): string {
  const { id, startedAt, progress } = running;
  if (detail === 'name') return id;
  const clock = formatClock(now - startedAt);
  if (detail === 'brief') return briefText(running, now, clock);
  if (progress === null) return `${id}, ${clock}`;
  const { event, eta } = progress;
  const share = percent(event.done, event.total);
  const what = [
    event.phase,
    share === null ? '' : `${share}%`,
    detail === 'full' || share === null ? amount(event) : '',
  ].filter((part) => part !== '');
  const rest = [formatLeft(timeLeft(eta, now)), clock].filter((part) => part !== '');
  return `${id}: ${[what.join(' '), ...rest].join(', ')}`;
}

/** `kernel-director 49%, about 4 min left`: what matters most in few columns. */
function briefText({ id, progress }: Running, now: number, clock: string): string {
  const name = id.slice(id.indexOf(':') + 1);
  const share = progress === null ? null : percent(progress.event.done, progress.event.total);
  if (progress === null || share === null) return `${name} ${clock}`;
  return [`${name} ${share}%`, formatLeft(timeLeft(progress.eta, now))].filter((part) => part !== '').join(', ');
}

function amount({ done, total, unit }: ProgressEvent): string {
  const known = total !== null && done <= total;
  if (unit === 'bytes') return known ? `${formatBytes(done)} of ${formatBytes(total)}` : formatBytes(done);
  return `${known ? `${done}/${total}` : done} ${unit}`;
}
