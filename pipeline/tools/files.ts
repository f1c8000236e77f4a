import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRef } from '../plan/params.ts';
import { FactoryError } from '../run/failure.ts';
import { pathInside, sha256Of } from './file-ref.ts';
import type { Files } from './tools.ts';

/** Directories of each root of a FileRef: a file of an earlier one hides those of later ones. */
export type FileRoots = Readonly<Record<FileRef['root'], readonly string[]>>;

/** Reads our own files; what is there must be what was planned with. Failures: FileChanged, Usage (leaves the root). */
export function createFiles(roots: FileRoots): Files {
  async function verified(ref: FileRef): Promise<{ file: string; bytes: Buffer }> {
    const file = await fileIn(roots[ref.root], ref.path);
    if (file === undefined) throw changed(join(roots[ref.root][0] ?? '', ref.path), ref, 'missing');
    const bytes = await readFile(file);
    const got = sha256Of(bytes);
    if (got !== ref.sha256) throw changed(file, ref, got);
    return { file, bytes };
  }
  return {
    read: async (ref) => (await verified(ref)).bytes,
    path: async (ref) => (await verified(ref)).file,
  };
}

async function fileIn(dirs: readonly string[], path: string): Promise<string | undefined> {
  for (const dir of dirs) {
    const file = await pathInside(dir, path);
    if (file !== undefined) return file;
  }
  return undefined;
}

function changed(path: string, ref: FileRef, got: string): FactoryError {
  return new FactoryError({ kind: 'FileChanged', path, want: ref.sha256, got });
}
