import type { Failure } from '../../run/failure.ts';
import { describe, tailOf } from '../describe.ts';
import { plainText } from '../escape.ts';
import { plural } from '../units.ts';
import { createPaint } from './paint.ts';
import type { Paint } from './paint.ts';

/** What goes with a failure, as far as it is known. */
export interface FailureContext {
  readonly paint?: Paint;
  /** Last lines of the step's output; default: those that the failure itself carries. */
  readonly tail?: readonly string[];
  /** Path of the full log. */
  readonly log?: string | null;
}

/** A failure as lines for a terminal: what, details, the end of the log, where the log is, what to do. */
export function failureLines(failure: Failure, context: FailureContext = {}): string[] {
  const paint = context.paint ?? createPaint(false);
  const { short, detail, advice } = describe(failure);
  if (failure.kind === 'Cancelled') return [paint.yellow(short), ...advice];
  const own = context.tail ?? [];
  const tail = own.length > 0 ? own : tailOf(failure);
  return [
    `${paint.bold(paint.red('error'))} ${paint.bold(short)}`,
    ...detail.map((line) => `  ${line}`),
    ...(tail.length === 0
      ? []
      : [
          '',
          `  last ${plural(tail.length, 'line')} of its output:`,
          ...tail.map((line) => `  ${paint.dim('|')} ${plainText(line)}`),
        ]),
    ...(context.log === undefined || context.log === null ? [] : ['', `  full log: ${context.log}`]),
    '',
    `  ${paint.bold('what to do')}`,
    ...advice.map((line) => `  - ${line}`),
  ];
}
