import { posix } from 'node:path';
import { plainText } from '../escape.ts';
import { countStates, packagesOf } from '../summary.ts';
import type { RunSummary } from '../summary.ts';
import { textTable } from '../text-table.ts';
import { formatBytes, formatDuration, plural } from '../units.ts';
import type { Paint } from './paint.ts';

/** What the end of a run needs to know of the terminal. */
export interface ClosingOptions {
  readonly runDir: string;
  readonly width: number;
  readonly paint: Paint;
}

/** Step times beyond the longest few are on the run's page. */
const MAX_TIMES = 12;

/** The last lines of a run: packages, times, counts, where the page is. */
export function closingLines(summary: RunSummary, { runDir, width, paint }: ClosingOptions): string[] {
  const packages = packagesOf(summary).map((item) => [plainText(item.name), formatBytes(item.size)]);
  const times = summary.steps
    .filter((step) => step.ms > 0)
    .sort((a, b) => b.ms - a.ms)
    .map((step) => [step.id, formatDuration(step.ms), step.state]);
  const rest = times.splice(MAX_TIMES).length;
  if (rest > 0) times.push([`and ${plural(rest, 'shorter step')}`, '', '']);
  return [
    ...table(['package', 'size'], packages, [1], width, paint),
    ...table(['step', 'time', ''], times, [1], width, paint),
    '',
    `${verdict(summary, paint)}  ${counts(summary)}  in ${formatDuration(summary.ms)}`,
    `page  ${posix.join(runDir, 'index.html')}`,
  ];
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[],
  width: number,
  paint: Paint,
): string[] {
  if (rows.length === 0) return [];
  const [first = '', ...rest] = textTable(head, rows, { right, width });
  return ['', paint.dim(first), ...rest];
}

function verdict(summary: RunSummary, paint: Paint): string {
  if (summary.ok) return paint.bold(paint.green('ok'));
  const cancelled = summary.failures.length > 0 && summary.failures.every((failure) => failure.kind === 'Cancelled');
  return cancelled ? paint.bold(paint.yellow('cancelled')) : paint.bold(paint.red('failed'));
}

/** `3 made, 11 cached`; states that did not occur are not named. */
function counts(summary: RunSummary): string {
  return Object.entries(countStates(summary))
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
}
