import { type Contents, recipeDifferences } from '../plan/differences.ts';
import { planFactory } from '../plan/plan-factory.ts';
import { builtAnew } from '../plan/rebuilt-packages.ts';
import type { Differences } from '../plan/render-differences.ts';
import { findFile } from '../recipe/files.ts';
import { EMPTY_LOCK } from '../recipe/lock.ts';
import { fragmentValues } from '../recipe/normalise-config.ts';
import type { ReadRecipe } from '../recipe/read.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { patchSubject } from '../recipe/series.ts';
import { stepScripts } from './step-scripts.ts';

/** In what a recipe differs from the one that it extends, as both are read now; undefined: it extends none. */
export async function differencesOf(read: ReadRecipe): Promise<Differences | undefined> {
  const { recipe, base } = read;
  if (base === null) return undefined;
  const options = { frozen: false, scripts: await stepScripts() };
  // Without lock and options of the user: what these do they would do to both.
  const plan = (one: Recipe) => planFactory(one, EMPTY_LOCK, options);
  return {
    base: base.recipe.name,
    differences: recipeDifferences(base.recipe, recipe, contentsOf(base, read)),
    packages: builtAnew(
      plan(base.recipe),
      plan(recipe),
      recipe.packages.map(({ name }) => name),
    ),
  };
}

function contentsOf(base: ReadRecipe, own: ReadRecipe): Contents {
  const [before, now] = [base, own].map(allFragments);
  const subjects = new Map<string, string | null>();
  for (const { recipe, roots } of [base, own])
    for (const { root, path } of recipe.packages.flatMap(({ patches }) => patches?.files ?? [])) {
      const found = findFile(roots, root, path);
      subjects.set(path, 'bytes' in found ? patchSubject(found.bytes.toString('utf8')) : null);
    }
  const none: ReadonlyMap<string, string> = new Map();
  return {
    fragments: (name) => [before?.get(name) ?? none, now?.get(name) ?? none],
    subject: (path) => subjects.get(path) ?? null,
  };
}

function allFragments({ recipe, roots }: ReadRecipe): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const values = recipe.packages.map(({ name, files, config }) => {
    const { strong, others } = fragmentValues(files, config?.strongest ?? null, roots);
    return [name, new Map([...others, ...strong])] as const;
  });
  return new Map(values);
}
