import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import type { YamlDocument } from './document.ts';
import type { Roots } from './files.ts';
import { findBase, type RecipeFolder } from './find-base.ts';
import { invalid, stopAt } from './invalid.ts';

/** Recipes that are being read, the one that was asked for first: each extends the next one. */
export type Chain = readonly { readonly real: string; readonly folder: string }[];

/** The chain with one more recipe in it. */
export async function chainWith(chain: Chain, file: string, { recipeDir }: Roots): Promise<Chain> {
  return [...chain, { real: await realpath(file), folder: basename(recipeDir) }];
}

/**
 * Where the recipe is that the last one of the chain extends; null: it extends none. Failures: RecipeInvalid (no such recipe, a loop,
 * what it may not inherit is missing).
 */
export async function baseOf(
  file: string,
  document: YamlDocument,
  roots: Roots,
  chain: Chain,
): Promise<RecipeFolder | null> {
  const { data } = document;
  if (typeof data !== 'object' || data === null || !('extends' in data)) return null;
  const fail = (message: string) => invalid(file, [document.problem(['extends'], message)]);
  const wanted = data.extends;
  if (typeof wanted !== 'string') throw fail('must be the name of a recipe, or a path');
  // A recipe of its own has a repository and records of its own, so it cannot go by the name of another one.
  const missing = ['schema', 'name'].filter((key) => !(key in data));
  stopAt(
    file,
    missing.map((key) =>
      document.problem([key], `missing key "${key}": a recipe that extends another one has its own`),
    ),
  );
  const found = findBase(wanted, roots);
  if ('why' in found) throw fail(found.why);
  const real = await realpath(found.file);
  const start = chain.findIndex((one) => one.real === real);
  if (start < 0) return found;
  const names = chain.slice(start).map(({ folder }) => folder);
  throw fail(`a loop: ${[...names, names[0] ?? ''].join(' -> ')}`);
}
