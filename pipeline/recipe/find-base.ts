import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Roots } from './files.ts';
import { unknownName } from './report.ts';

/** A recipe's file, and where its files and patches lie. */
export interface RecipeFolder {
  readonly file: string;
  readonly recipeDir: string;
  readonly patchesDir: string;
}

/** Where the factory's recipe of that name is, or would be. */
export function ownRecipe(factoryDir: string, name: string): RecipeFolder {
  const recipeDir = join(factoryDir, 'pipeline/recipes', name);
  return { file: join(recipeDir, 'recipe.yaml'), recipeDir, patchesDir: join(factoryDir, 'patches', name) };
}

/** What `extends: …` of the recipe in `roots.recipeDir` means, or why it means nothing. */
export function findBase(wanted: string, { factoryDir, recipeDir }: Roots): RecipeFolder | { readonly why: string } {
  if (/^\.{1,2}\//.test(wanted)) {
    const path = join(recipeDir, wanted);
    const file = existsSync(path) && statSync(path).isDirectory() ? join(path, 'recipe.yaml') : path;
    if (!existsSync(file)) return { why: `there is no recipe ${wanted} (it would be relative to this file's folder)` };
    return { file, recipeDir: dirname(file), patchesDir: join(dirname(file), 'patches') };
  }
  if (!/^[a-z0-9][a-z0-9-]*$/.test(wanted))
    return { why: `"${wanted}" must be the name of a recipe of the factory, or a path that begins with ./ or ../` };
  const found = ownRecipe(factoryDir, wanted);
  if (existsSync(found.file)) return found;
  const names = readdirSync(join(factoryDir, 'pipeline/recipes')).filter((name) =>
    existsSync(ownRecipe(factoryDir, name).file),
  );
  return { why: `${unknownName('recipe', wanted, names)} (one of your own is a path: ./${wanted} or ../${wanted})` };
}
