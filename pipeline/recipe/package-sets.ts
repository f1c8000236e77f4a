import type { PackageDifference } from '../run/failure.ts';

/** Packages of two sets, each one `name architecture version` per line, that are not in both. Sorted by name. */
export function comparePackages(want: readonly string[], got: readonly string[]): PackageDifference {
  const [before, now] = [byName(want), byName(got)];
  return {
    added: [...now].flatMap(([name, versions]) => (before.has(name) ? [] : [`${name} ${versions}`])),
    removed: [...before].flatMap(([name, versions]) => (now.has(name) ? [] : [`${name} ${versions}`])),
    changed: [...now].flatMap(([name, versions]) => {
      const old = before.get(name);
      return old === undefined || old === versions ? [] : [{ name, locked: old, got: versions }];
    }),
  };
}

/** Whether nothing differs. */
export function isSame({ added, removed, changed }: PackageDifference): boolean {
  return added.length + removed.length + changed.length === 0;
}

/** The lines of a packages.txt. */
export function packageLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** `bash 5.1 -> 5.2, +zip 3.0, -gcc 12 and 4 more`; empty when nothing differs. */
export function differenceWords({ added, removed, changed }: PackageDifference, most = 3): string {
  const all = [
    ...changed.map(({ name, locked, got }) => `${name} ${locked} -> ${got}`),
    ...added.map((one) => `+${one}`),
    ...removed.map((one) => `-${one}`),
  ];
  const more = all.length - most;
  return `${all.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** `name.architecture` -> versions: a system may have several of one name, kernels for example. */
function byName(lines: readonly string[]): Map<string, string> {
  const versions = new Map<string, string>();
  for (const line of [...lines].sort()) {
    const [name = '', architecture = '', version = ''] = line.split(' ');
    const key = `${name}.${architecture}`;
    const before = versions.get(key);
    versions.set(key, before === undefined ? version : `${before} ${version}`);
  }
  return versions;
}
