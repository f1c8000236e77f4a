import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { Sha256 } from '../plan/artifact.ts';
import { errorCode } from './durable.ts';

const CHUNK = 256 * 1024;

/**
 * The bytes of a file that must have a digest. The last piece is held back until the digest is known, so a consumer that
 * counts bytes cannot take a bad file for a whole one either. `failureFor` makes what is thrown: `got` is the digest found
 * and `inode` the file it was found in, or `missing` without an inode.
 */
export async function* checkedChunks(
  path: string,
  want: Sha256,
  failureFor: (got: string, inode: number | undefined) => Error | Promise<Error>,
): AsyncGenerator<Buffer> {
  const handle = await openIfThere(path);
  if (handle === undefined) throw await failureFor('missing', undefined);
  try {
    const hash = createHash('sha256');
    let held: Buffer | undefined;
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK);
      if (bytesRead === 0) break;
      if (held !== undefined) yield held;
      held = buffer.subarray(0, bytesRead);
      hash.update(held);
    }
    const got = hash.digest('hex');
    if (got !== want) throw await failureFor(got, (await handle.stat()).ino);
    if (held !== undefined) yield held;
  } finally {
    await handle.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
