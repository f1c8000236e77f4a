import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { asSha256 } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';

/** Absolute directories of the three roots that a FileRef can have. */
export interface Roots {
  readonly factoryDir: string;
  readonly recipeDir: string;
  readonly patchesDir: string;
}

/** Absolute path of a root. */
function rootDir(roots: Roots, root: FileRef['root']): string {
  return { factory: roots.factoryDir, recipe: roots.recipeDir, patches: roots.patchesDir }[root];
}

/** What a look at a file found: its reference and bytes, or why there is none. */
export type Found = { readonly ref: FileRef; readonly bytes: Buffer } | { readonly why: string };

/** Reads and digests a regular file that really lies below its root (no link leads out of it). */
export async function findFile(roots: Roots, root: FileRef['root'], path: string): Promise<Found> {
  const dir = rootDir(roots, root);
  const full = join(dir, path);
  try {
    if (!(await lstat(full)).isFile()) return { why: `${path} is not a regular file` };
    const inside = relative(await realpath(dir), await realpath(full));
    if (inside.split(sep)[0] === '..') return { why: `${path} lies outside its folder` };
    const bytes = await readFile(full);
    const sha256 = asSha256(createHash('sha256').update(bytes).digest('hex'));
    return { ref: { root, path, sha256 }, bytes };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { why: `there is no file ${path}` };
    throw error;
  }
}

/** Names of the entries of a folder, sorted by code unit; undefined when there is no such folder. */
export async function listDir(roots: Roots, root: FileRef['root'], path: string): Promise<string[] | undefined> {
  try {
    return (await readdir(join(rootDir(roots, root), path))).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
