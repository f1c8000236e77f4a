import type { FileRef } from '../plan/params.ts';
import { agreedValues, parseConfig } from '../rpm/kernel-config.ts';
import { findFile } from './files.ts';
import type { Roots } from './files.ts';
import type { Reading } from './read-files.ts';
import type { PackageConfig } from './recipe.ts';
import type { PackageInput } from './schema.ts';

/**
 * Fills every gap. What `override` says and what holds without it is left out: then nothing is written, and the package is the same
 * as that of a recipe which does not say it.
 */
export function normaliseConfig(
  input: NonNullable<PackageInput['config']>,
  files: readonly FileRef[],
  { roots }: Reading,
): PackageConfig {
  const { fragment, set = {}, add = {}, strongest = null, values = {}, final, wanted = null } = input;
  const { strong, others } = fragmentValues(files, strongest, roots);
  const edited = { ...set, ...add };
  const before = (symbol: string) =>
    (strongest === fragment ? (edited[symbol] ?? strong.get(symbol)) : (strong.get(symbol) ?? edited[symbol])) ??
    others.get(symbol);
  const override = Object.fromEntries(
    Object.entries(input.override ?? {}).filter(([symbol, value]) => before(symbol) !== value),
  );
  const all = { ...values, ...set, ...add, ...override };
  return { fragment, set, add, strongest, override, values: all, final, wanted };
}

/** Values by symbol, as fragments lie there: without what a recipe sets and adds. */
interface FragmentValues {
  readonly strong: ReadonlyMap<string, string>;
  /** Without symbols that two fragments see differently, of which only the merge knows. */
  readonly others: ReadonlyMap<string, string>;
}

/** What the fragments among these files say, the strongest one and the others. A package that starts from an SRPM has none here. */
export function fragmentValues(files: readonly FileRef[], strongest: string | null, roots: Roots): FragmentValues {
  const texts = new Map<string, string>();
  for (const { root, path } of files) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const found = name.startsWith('config-') ? findFile(roots, root, path) : { why: 'no fragment' };
    if ('bytes' in found) texts.set(name, found.bytes.toString('latin1'));
  }
  const strong = parseConfig(texts.get(strongest ?? '') ?? '');
  return { strong, others: agreedValues([...texts].flatMap(([name, text]) => (name === strongest ? [] : [text]))) };
}
