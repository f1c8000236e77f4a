import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { OwnFile, OwnFiles } from '../report/github-places.ts';
import { dirsOf } from '../recipe/files.ts';
import type { ReadRecipe } from '../recipe/read.ts';
import type { RecipePaths } from './paths.ts';

/** Larger files are no texts that somebody would be pointed at. */
const MOST_BYTES = 1024 * 1024;

/**
 * The recipe, what lies beside it and beside the recipes that it extends, and its patches: what annotations can point at. Unreadable
 * files are left out.
 */
export async function ownFiles({ file }: RecipePaths, { recipe, roots }: ReadRecipe): Promise<OwnFiles> {
  const [patchDirs, recipeDirs] = [dirsOf(roots, 'patches'), dirsOf(roots, 'recipe')];
  const beside = (await Promise.all(recipeDirs.map(filesBelow))).flat();
  const own = beside.find((one) => one.path === file);
  const series = recipe.packages.map(async ({ name, patches }) => {
    const files = (patches?.files ?? []).filter(({ root }) => root === 'patches');
    const read = await Promise.all(files.map(({ path }) => firstOf(patchDirs, path)));
    return [name, read.filter((one) => one !== undefined)] as const;
  });
  const isPatch = (path: string) => patchDirs.some((dir) => path.startsWith(`${dir}/`));
  return {
    ...(own === undefined ? {} : { recipe: own }),
    beside: nearest(beside.filter(({ path }) => path !== file && !isPatch(path))),
    patches: Object.fromEntries(await Promise.all(series)),
  };
}

/** Without files that one of the same name in a nearer folder hides. */
function nearest(files: readonly OwnFile[]): readonly OwnFile[] {
  return files.filter(({ name }, index) => files.findIndex((one) => one.name === name) === index);
}

async function firstOf(dirs: readonly string[], path: string): Promise<OwnFile | undefined> {
  for (const dir of dirs) {
    const found = await readOwn(join(dir, path), dir);
    if (found !== undefined) return found;
  }
  return undefined;
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
