import { truncate } from '../escape.ts';
import { formatClock } from '../units.ts';
import { progressText } from './progress.ts';
import type { Detail, Running } from './progress.ts';

/** What the status line is made from. */
export interface Status {
  /** ms since the epoch. */
  readonly startedAt: number;
  /** Steps that have ended, of `total`. */
  readonly ended: number;
  readonly total: number;
  /** In the order in which they were started. */
  readonly running: readonly Running[];
}

const DETAILS: readonly Detail[] = ['full', 'short', 'brief', 'name'];

/**
 * `12:31  3/14  rebuild-srpm:tools: compile 49%, about 4 min left, 2:31 · +1 more`: never wider than `width` characters.
 * When it is narrow, details go before steps do, and the step that has run longest stays.
 */
export function statusLine(status: Status, width: number, now: number): string {
  const head = `${formatClock(now - status.startedAt)}  ${status.ended}/${status.total}`;
  const steps = [...status.running].sort((a, b) => a.startedAt - b.startedAt);
  for (let shown = steps.length; shown > 0; shown -= 1) {
    const hidden = steps.length - shown;
    const more = hidden === 0 ? [] : [`+${hidden} more`];
    for (const detail of DETAILS) {
      // Many bare names tell less than few steps with their progress.
      if (detail === 'name' && shown > 1) continue;
      const parts = [...steps.slice(0, shown).map((step) => progressText(step, now, detail)), ...more];
      const line = `${head}  ${parts.join(' · ')}`;
      if (line.length <= width) return line;
    }
  }
  const [first] = steps;
  return truncate(first === undefined ? `${head}  waiting` : `${head}  ${first.id}`, width);
}
