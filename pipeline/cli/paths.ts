import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ownRecipe, type RecipeFolder } from '../recipe/find-base.ts';
import { FactoryError } from '../run/failure.ts';

/** Root of this checkout: the nearest folder above this code that has recipes (the code may run as a bundle). */
export const FACTORY_DIR = rootAbove(import.meta.dirname);

function rootAbove(dir: string): string {
  if (existsSync(join(dir, 'pipeline/recipes'))) return dir;
  const parent = dirname(dir);
  if (parent === dir) throw new Error(`no pipeline/recipes in any folder above ${import.meta.dirname}`);
  return rootAbove(parent);
}

/** Where a recipe's files are. */
export interface RecipePaths extends RecipeFolder {
  readonly factoryDir: string;
}

/**
 * A name means pipeline/recipes/<name> with its patches in patches/<name>; anything with a slash, or an existing
 * recipe.yaml, is a path to a recipe of one's own, with its patches in the folder `patches` beside it.
 */
export function recipePaths(recipe: string, cwd: string): RecipePaths {
  if (/^[a-z0-9][a-z0-9-]*$/.test(recipe)) {
    const own = ownRecipe(FACTORY_DIR, recipe);
    if (existsSync(own.file)) return { factoryDir: FACTORY_DIR, ...own };
  }
  const path = resolve(cwd, recipe);
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'recipe.yaml') : path;
  if (!existsSync(file))
    throw new FactoryError({
      kind: 'Usage',
      message: `there is no recipe '${recipe}'`,
      advice: `Give the name of a folder in pipeline/recipes/, or a path to a recipe.yaml (tried ${basename(dirname(file))}/${basename(file)}).`,
    });
  const recipeDir = dirname(file);
  return { file, factoryDir: FACTORY_DIR, recipeDir, patchesDir: join(recipeDir, 'patches') };
}

/** The same, with the patches in the folder that `--patches` names. Failures: Usage (there is no such folder). */
export function withPatches(paths: RecipePaths, { patches }: { readonly patches?: string }, cwd: string): RecipePaths {
  if (patches === undefined) return paths;
  const patchesDir = resolve(cwd, patches);
  if (!existsSync(patchesDir) || !statSync(patchesDir).isDirectory())
    throw new FactoryError({
      kind: 'Usage',
      message: `--patches ${patches} is no folder`,
      advice: 'It holds a folder per entry `patches.dir` of the recipe, each with a file `series`.',
    });
  return { ...paths, patchesDir };
}
