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

/** Kernels and tools that must not be used together. */
export function pairMismatch(failure: FailureOf<'PairMismatch'>): Description {
  const [first] = failure.checks;
  const what = first === undefined ? '' : `: ${first.id} is ${oneLine(first.got)}, wanted ${oneLine(first.want)}`;
  const more = failure.checks.length > 1 ? ` (and ${plural(failure.checks.length - 1, 'more check')})` : '';
  return {
    short: `director, backend and tools do not belong together${what}${more}`,
    detail: textTable(
      ['check', 'want', 'got'],
      failure.checks.map((check) => [check.id, oneLine(check.want), oneLine(check.got)]),
    ),
    advice: [
      'No snapshot was made; the repository still points at the one before.',
      'Make both kernels and the tools of the same version of the patches. docs/pair.md says what each check looks at.',
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

/** What a provenance names is not here: nothing was compared, so nothing is said about what was published. */
export function toldMissing({ snapshot, missing }: FailureOf<'ToldMissing'>): Description {
  const [first] = missing;
  const more = missing.length > 1 ? ` (and ${plural(missing.length - 1, 'more thing')})` : '';
  return {
    short: `snapshot ${snapshot} cannot be built again from its provenance: ${first?.what ?? 'unknown'}${more}`,
    detail: missing.flatMap(({ what, lines }) => [what, ...lines.map((line) => `  ${line}`)]),
    advice: [
      'Bring what is missing, or build again where it is still there: on the machine that published, with its artifacts directory and its engine.',
      'To compare what is published with what this checkout makes: `bin/factory verify --rebuild --from checkout`. A difference then says little about the snapshot.',
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
