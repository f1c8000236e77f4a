import type { FailureOf } from '../../run/failure.ts';
import { plural } from '../units.ts';
import type { Description } from './description.ts';

/** The command line was wrong. */
export function usage(failure: FailureOf<'Usage'>): Description {
  return {
    short: failure.message,
    detail: [],
    advice: [...(failure.advice === undefined ? [] : [failure.advice]), 'See `bin/factory --help`.'],
  };
}

/** The recipe, or the cluster file, does not follow its schema or its rules; every problem with its place. */
export function recipeInvalid(failure: FailureOf<'RecipeInvalid'>): Description {
  const [first] = failure.problems;
  const where = first === undefined ? failure.file : `${first.file ?? failure.file}:${first.line}`;
  const more = failure.problems.length > 1 ? ` (and ${plural(failure.problems.length - 1, 'more problem')})` : '';
  return {
    short: `${failure.what ?? 'recipe'} invalid: ${where}: ${first === undefined ? 'unknown problem' : first.message}${more}`,
    detail: failure.problems.map(
      (problem) =>
        `${problem.file ?? failure.file}:${problem.line}:${problem.column}: ${problem.path === '' ? '' : `${problem.path}: `}${problem.message}`,
    ),
    advice: [
      failure.what === 'cluster'
        ? `Correct ${failure.file}; docs/configure.md explains every field.`
        : `Correct ${first?.file ?? failure.file}, then check it without building anything: \`bin/factory plan\`.`,
    ],
    ...(first === undefined
      ? {}
      : { location: { file: first.file ?? failure.file, line: first.line, column: first.column } }),
  };
}

/** Another run works on the same directory. */
export function lockHeld(failure: FailureOf<'LockHeld'>): Description {
  return {
    short: `another run holds the lock: ${failure.command} (pid ${failure.pid} on ${failure.host})`,
    detail: [
      `command  ${failure.command}`,
      `process  ${failure.pid} on ${failure.host}`,
      `since    ${failure.since}`,
      `lock     ${failure.path}`,
    ],
    advice: [
      'Wait until that run has ended, or stop it with Ctrl-C in its terminal; what it finished is kept.',
      `If no such process exists on ${failure.host}, remove ${failure.path} and start again.`,
    ],
  };
}
