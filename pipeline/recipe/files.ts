import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { asSha256 } from '../plan/artifact.ts';
import type { FileRef } from '../plan/params.ts';

/** Absolute directories of the three roots that a FileRef can have. */
export interface Roots {
  readonly factoryDir: string;
  readonly recipeDir: string;
  readonly patchesDir: string;
  /** Folders of the recipes that this one extends, the nearest first. Their files are looked for where it has none. */
  readonly extended?: readonly Pick<Roots, 'recipeDir' | 'patchesDir'>[];
}

/** Absolute paths of the folders of a root, the nearest first: a file of an earlier one hides those of later ones. */
export function dirsOf({ factoryDir, extended = [], ...own }: Roots, root: FileRef['root']): string[] {
  if (root === 'factory') return [factoryDir];
  return [own, ...extended].map(({ recipeDir, patchesDir }) => (root === 'recipe' ? recipeDir : patchesDir));
}

/** What a look at a file found: its reference and bytes, or why there is none. */
export type Found = { readonly ref: FileRef; readonly bytes: Buffer } | { readonly why: string };

/**
 * Reads and digests a regular file that really lies below its root (no link leads out of it). At once: a recipe names some forty
 * small files, of which each took ten times as long, and ten times the processor, with promises.
 */
export function findFile(roots: Roots, root: FileRef['root'], path: string): Found {
  for (const dir of dirsOf(roots, root)) {
    const found = findIn(dir, root, path);
    if (found !== undefined) return found;
  }
  return { why: `there is no file ${path}` };
}

/** The same in one folder of a root; undefined when there is no such file. */
export function findIn(dir: string, root: FileRef['root'], path: string): Found | undefined {
  const full = join(dir, path);
  try {
    if (!lstatSync(full).isFile()) return { why: `${path} is not a regular file` };
    const inside = relative(realpathSync.native(dir), realpathSync.native(full));
    if (inside.split(sep)[0] === '..') return { why: `${path} lies outside its folder` };
    const bytes = readFileSync(full);
    const sha256 = asSha256(createHash('sha256').update(bytes).digest('hex'));
    return { ref: { root, path, sha256 }, bytes };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

/** Names of the entries of a folder, sorted by code unit; undefined when there is no such folder. */
export function listDir(dir: string): string[] | undefined {
  try {
    return readdirSync(dir).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
