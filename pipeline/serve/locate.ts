import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isPublicName } from './request-path.ts';

/** An open file or directory below the root; the caller closes it. */
export interface Located {
  readonly path: string;
  readonly handle: FileHandle;
  readonly stats: Stats;
}

/** Opens what the segments lead to; undefined for nothing, and for anything whose real place is not to be seen. */
export async function locate(root: string, segments: readonly string[]): Promise<Located | undefined> {
  try {
    const [realRoot, path] = await Promise.all([realpath(root), realpath(join(root, ...segments))]);
    // From outside the way there begins with `..`, which is no public name either.
    if (!relative(realRoot, path).split(sep).every(isPublicName)) return undefined;
    // Not blocking: a named pipe would else hold the request until somebody writes to it.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    try {
      return { path, handle, stats: await handle.stat() };
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG', 'ENXIO'].includes(code ?? '')) return undefined;
    throw error;
  }
}
