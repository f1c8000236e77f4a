import type { FailureOf } from '../../run/failure.ts';
import { plural } from '../units.ts';
import { textTable } from '../text-table.ts';
import type { Description } from './description.ts';

/** Checks on an installed machine that did not hold. */
export function checksFailed(failure: FailureOf<'ChecksFailed'>): Description {
  const [first] = failure.checks;
  return {
    short: `${failure.step}: ${plural(failure.checks.length, 'check')} failed${first === undefined ? '' : `, first: ${first.id}`}`,
    detail: textTable(
      ['check', 'want', 'got'],
      failure.checks.map((check) => [check.id, oneLine(check.want), oneLine(check.got)]),
    ),
    advice: [
      'Nothing was published; the repository still points at the snapshot before.',
      `Try the check by hand in the same container: \`bin/factory shell ${failure.step}\`.`,
    ],
  };
}

/** Bytes in the store are not what their name says. */
export function storeCorrupt(failure: FailureOf<'StoreCorrupt'>): Description {
  return {
    short: `the store is damaged: ${failure.path} is not what its name says`,
    detail: [`want  ${failure.digest}`, `got   ${failure.got}`, `file  ${failure.path}`],
    advice: [
      `Remove the damaged file and build again; what is needed is made or fetched anew: \`rm '${failure.path.replaceAll("'", String.raw`'\''`)}'\`.`,
      'Check everything else in the store: `bin/factory verify`. If more is damaged, look at the disk (`dmesg`, SMART).',
    ],
  };
}

/** A snapshot directory is not as it was published. */
export function snapshotInvalid(failure: FailureOf<'SnapshotInvalid'>): Description {
  return {
    short: `snapshot ${failure.snapshot} is not valid: ${failure.problems[0] ?? 'unknown problem'}${
      failure.problems.length > 1 ? ` (and ${plural(failure.problems.length - 1, 'more problem')})` : ''
    }`,
    detail: [...failure.problems],
    advice: [
      'A snapshot never changes after it was made, so somebody or something else wrote there. Do not publish it.',
      'Build and publish a new one: `bin/factory publish`. Whether others are sound: `bin/factory verify`.',
    ],
  };
}

/** A file of ours changed between planning and use. */
export function fileChanged(failure: FailureOf<'FileChanged'>): Description {
  return {
    short: `${failure.path} changed while the build was running`,
    detail: [`want  ${failure.want}`, `got   ${failure.got}`],
    advice: ['Save your edits and start the build again; it plans anew with the file as it is now.'],
  };
}

function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' / ');
}
