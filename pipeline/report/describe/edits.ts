import type { FailureOf } from '../../run/failure.ts';
import { plural } from '../units.ts';
import { textTable } from '../text-table.ts';
import type { Description } from './description.ts';

/** An edit whose line is not there exactly once. */
export function editMismatch(failure: FailureOf<'EditMismatch'>): Description {
  const { file, line, matches, near } = failure;
  const where = matches.length === 0 ? '' : ` (lines ${matches.join(', ')})`;
  return {
    short: `edit of ${file} must match exactly one line, but matches ${matches.length}${where}: ${line}`,
    detail: [
      `file     ${file}`,
      `line     ${line}`,
      `matches  ${plural(matches.length, 'time')}${where}`,
      ...(near.length === 0 ? [] : ['nearest lines:', ...near.map((text) => `    ${text}`)]),
    ],
    advice: [
      matches.length === 0
        ? 'Upstream has changed the line: copy the whole line, with its blanks, from the file into the edit in recipe.yaml.'
        : 'Choose a line that is there only once, close to the place you mean, and use insert-before or insert-after.',
      'Then build again: `bin/factory build`; only steps behind the edit run.',
    ],
  };
}

/** A patch that does not apply. */
export function patchRejected(failure: FailureOf<'PatchRejected'>): Description {
  return {
    short: `patch ${failure.patch} does not apply to ${failure.file} (${failure.hunk})`,
    detail: [
      `patch  ${failure.patch}`,
      `file   ${failure.file}`,
      `hunk   ${failure.hunk}`,
      ...(failure.remark === undefined ? [] : [`note   ${failure.remark}`]),
      ...(failure.reject.length === 0 ? [] : ['rejected:', ...failure.reject.map((text) => `    ${text}`)]),
    ],
    advice: [
      'Patches are applied without fuzz: renew the patch against this very source (`quilt refresh`, or `git apply` and `git diff` in a tree of it).',
      'If upstream has the change already, remove the patch from its series file.',
    ],
  };
}

/** The kernel build dropped or changed configuration values that the recipe insists on. */
export function configNotKept(failure: FailureOf<'ConfigNotKept'>): Description {
  const names = failure.symbols.map((symbol) => symbol.name);
  const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ` and ${names.length - 3} more` : '');
  return {
    short: `the final kernel configuration of ${failure.step} does not keep ${shown}`,
    detail: textTable(
      ['symbol', 'want', 'got'],
      failure.symbols.map((symbol) => [symbol.name, symbol.want, symbol.got]),
    ),
    advice: [
      'A value is dropped when something it depends on is off: look the symbol up in Kconfig (`depends on`, `range`) and set that too.',
      'In RHEL 6 the fragment config-generic is the weakest of eight: a stronger one (config-x86_64-generic-rhel, config-nodebug, …) may say otherwise; `config.override` wins over all.',
      `Try it by hand in the same container: \`bin/factory shell ${failure.step}\`.`,
    ],
  };
}

/** Kconfig symbols of a patch that nobody gave a value. Found before the build. */
export function kconfigWithoutValue(failure: FailureOf<'KconfigWithoutValue'>): Description {
  const { package: name, patch, symbols } = failure;
  return {
    short: `${patch} brings ${symbols.join(', ')}, and nothing says what ${symbols.length === 1 ? 'it' : 'they'} shall be`,
    detail: [`package  ${name}`],
    advice: [
      `Give ${symbols.length === 1 ? 'it' : 'each'} a value in \`config.add\` of ${name} in the recipe.yaml: y, m or n.`,
    ],
  };
}

/** A patch so short that the spec would pass over it. */
export function patchIgnored(failure: FailureOf<'PatchIgnored'>): Description {
  return {
    short: `${failure.patch} has ${failure.lines} lines: ApplyOptionalPatch passes over patches of 9 lines or fewer without a word`,
    detail: [],
    advice: ['Apply it with ApplyPatch: `patches.applyWith: ApplyPatch {name}` in the recipe.yaml.'],
  };
}
