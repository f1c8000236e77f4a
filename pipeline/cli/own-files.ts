import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { OwnFile, OwnFiles } from '../report/github-places.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { RecipePaths } from './paths.ts';

/** Larger files are no texts that somebody would be pointed at. */
const MOST_BYTES = 1024 * 1024;

/** The recipe, what lies beside it, and its patches: what annotations can point at. Unreadable files are left out. */
export async function ownFiles({ file, recipeDir, patchesDir }: RecipePaths, recipe: Recipe): Promise<OwnFiles> {
  const beside = await filesBelow(recipeDir);
  const own = beside.find((one) => one.path === file);
  const series = recipe.packages.map(async ({ name, patches }) => {
    const files = (patches?.files ?? []).filter(({ root }) => root === 'patches');
    const read = await Promise.all(files.map(({ path }) => readOwn(join(patchesDir, path), patchesDir)));
    return [name, read.filter((one) => one !== undefined)] as const;
  });
  return {
    ...(own === undefined ? {} : { recipe: own }),
    beside: beside.filter(({ path }) => path !== file && !path.startsWith(`${patchesDir}/`)),
    patches: Object.fromEntries(await Promise.all(series)),
  };
}

async function filesBelow(dir: string): Promise<readonly OwnFile[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  const files = await Promise.all(paths.sort().map((path) => readOwn(path, dir)));
  return files.filter((one) => one !== undefined);
}

async function readOwn(path: string, dir: string): Promise<OwnFile | undefined> {
  try {
    if ((await stat(path)).size > MOST_BYTES) return undefined;
    return { path, name: relative(dir, path), text: await readFile(path, 'utf8') };
  } catch {
    return undefined;
  }
}
