import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRef } from '../plan/params.ts';
import { FactoryError } from '../run/failure.ts';
import { pathInside, sha256Of } from './file-ref.ts';
import type { Files } from './tools.ts';

/** Directory of each root of a FileRef. */
export type FileRoots = Readonly<Record<FileRef['root'], string>>;

/** Reads our own files; what is there must be what was planned with. Failures: FileChanged, Usage (leaves the root). */
export function createFiles(roots: FileRoots): Files {
  async function verified(ref: FileRef): Promise<{ file: string; bytes: Buffer }> {
    const file = await pathInside(roots[ref.root], ref.path);
    if (file === undefined) throw changed(roots, ref, 'missing');
    const bytes = await readFile(file);
    const got = sha256Of(bytes);
    if (got !== ref.sha256) throw changed(roots, ref, got);
    return { file, bytes };
  }
  return {
    read: async (ref) => (await verified(ref)).bytes,
    path: async (ref) => (await verified(ref)).file,
  };
}

function changed(roots: FileRoots, ref: FileRef, got: string): FactoryError {
  return new FactoryError({ kind: 'FileChanged', path: join(roots[ref.root], ref.path), want: ref.sha256, got });
}
