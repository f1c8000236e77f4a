import type { Artifact, ArtifactKind } from '../../plan/artifact.ts';
import type { TimedEvent } from '../../run/events.ts';
import { plainText } from '../escape.ts';
import { skipReason } from '../summary.ts';
import { formatBytes, formatClock, formatDuration, plural } from '../units.ts';
import type { Paint } from './paint.ts';

/** What event lines are aligned by. */
export interface LineContext {
  readonly paint: Paint;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** Width of the column of step ids. */
  readonly idWidth: number;
  title(step: string): string;
}

/** One line for an event that changes a step's state, and for notes; undefined for everything else. */
export function eventLine(event: TimedEvent, context: LineContext): string | undefined {
  const { paint } = context;
  const line = (word: string, step: string, rest: string): string =>
    `${paint.dim(formatClock(event.at - context.startedAt).padStart(7))}  ${word} ${step.padEnd(context.idWidth)}  ${plainText(rest)}`.trimEnd();
  switch (event.type) {
    case 'step-started':
      return line(paint.cyan('start  '), event.step, event.why);
    case 'step-cached':
      return line(paint.dim('cached '), event.step, context.title(event.step));
    case 'step-made':
      return line(
        paint.green('made   '),
        event.step,
        `${formatDuration(event.record.ms)}${outputs(event.record.outputs)}`,
      );
    case 'step-failed':
      return line(paint.red('failed '), event.step, `after ${formatDuration(event.ms)}`);
    case 'step-skipped':
      return line(paint.yellow('skipped'), event.step, skipReason(event.because));
    case 'note':
      return line(
        event.level === 'warning' ? paint.yellow('warning') : 'note   ',
        event.step ?? '',
        event.message.replaceAll('\n', ' '),
      );
    case 'run-started':
    case 'run-finished':
    case 'step-progress':
    case 'log':
      return undefined;
  }
}

/** Kinds whose bytes are the thing itself; for the others (an image) the size is that of a description. */
const FILES: ReadonlySet<ArtifactKind> = new Set(['source', 'rpm', 'srpm', 'signed-rpm', 'signed-srpm']);

function outputs(artifacts: readonly Artifact[]): string {
  const [first] = artifacts;
  if (first === undefined) return '';
  const size = artifacts.filter(({ kind }) => FILES.has(kind)).reduce((sum, artifact) => sum + artifact.size, 0);
  const what = artifacts.length === 1 ? first.name : plural(artifacts.length, 'output');
  return `, ${what}${size === 0 ? '' : ` (${formatBytes(size)})`}`;
}
