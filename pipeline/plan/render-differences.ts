import type { Difference } from './differences.ts';
import type { BuiltAnew } from './rebuilt-packages.ts';

/** What `factory plan` says of a recipe that extends another one. */
export interface Differences {
  readonly base: string;
  readonly differences: readonly Difference[];
  readonly packages: BuiltAnew;
}

/** The section of `factory plan`, without a line break at its end. */
export function differencesText({ base, differences, packages }: Differences): string {
  if (differences.length === 0) return `Differs from ${base}: in nothing but its name`;
  const { built, maybe, same } = packages;
  const list = (words: string, names: readonly string[]) =>
    names.length === 0 ? [] : [`${words}: ${names.join(', ')}`];
  return [
    `Differs from ${base}:`,
    ...differences.map((one) => `  ${line(one)}`),
    ...list('Built anew because of it', built),
    ...list(
      'Built anew if what it takes comes out different',
      maybe.map((one) => `${one.package} (from ${one.of.join(', ')})`),
    ),
    ...list(`Built as in ${base}`, same),
  ].join('\n');
}

function line(one: Difference): string {
  switch (one.what) {
    case 'config':
      return `${one.package}: config ${one.symbol}: ${one.before ?? "as upstream's fragments say"} -> ${one.now ?? "as upstream's fragments say"}`;
    case 'patch':
      return `${one.package}: patch ${one.file} ${one.change}${one.subject === null ? '' : `: ${one.subject}`}`;
    case 'file':
      return `${one.path}: file ${one.file} ${one.change}`;
    case 'package':
      return `package ${one.package} ${one.change}`;
    case 'value':
      return `${one.path}: ${show(one.before)} -> ${show(one.now)}`;
  }
}

function show(value: unknown): string {
  if (value === null || value === undefined) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
