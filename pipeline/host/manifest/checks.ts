import type { HostCheck } from '../../plan/host.ts';
import type { InstallCheck } from '../../plan/params.ts';

/** A check of verify-install as a command for a host, which succeeds and prints `expected`. */
export function commandOf({ id, kind, argument, expected }: InstallCheck): HostCheck {
  switch (kind) {
    case 'file':
      return { id, command: `test -e ${quoted(argument)} && echo exists`, expected: 'exists' };
    case 'file-contains':
      return { id, command: `grep -qF -e ${quoted(expected)} ${quoted(argument)} && echo yes`, expected: 'yes' };
    case 'command':
      return { id, command: argument, expected };
  }
}

/** What every host is asked under the new kernel: is it that one, was it booted that way, are the modules there. */
export function ownChecks(
  release: string,
  words: readonly string[],
  modules: readonly { readonly name: string }[],
): HostCheck[] {
  return [
    { id: 'kernel-running', command: 'uname -r', expected: release },
    ...words.map((word) => ({
      id: `argument:${word}`,
      command: `tr ' ' '\\n' </proc/cmdline | grep -qxF -e ${quoted(word)} && echo yes`,
      expected: 'yes',
    })),
    // The kernel writes a dash in the name of a module as an underscore.
    ...modules.map(({ name }) => ({
      id: `module:${name}`,
      command: `grep -c '^${name.replaceAll('-', '_')} ' /proc/modules`,
      expected: '1',
    })),
  ];
}

/** One word for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
