import { rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import { checkedChunks } from './checked-chunks.ts';
import { errorCode, makeDir, temporaryName } from './durable.ts';
import { objectPath, type StoreLayout } from './layout.ts';

/** The failure for an object that is not there or not what its name says. */
function corrupt(digest: Sha256, got: string, path: string): FactoryError {
  return new FactoryError({ kind: 'StoreCorrupt', digest, got, path });
}

/**
 * A stream of an object that re-hashes what it hands out, see checkedChunks. A bad object is moved out of the way.
 */
export async function openVerified(layout: StoreLayout, digest: Sha256): Promise<Readable> {
  const path = objectPath(layout, digest);
  // Asked here so that a missing object is an error of the call; opened below, so that a stream that is thrown away
  // before its first read leaves no descriptor open.
  await stat(path).catch((error: unknown) => {
    throw errorCode(error) === 'ENOENT' ? corrupt(digest, 'missing', path) : error;
  });
  return Readable.from(verifiedChunks(layout, digest), { objectMode: false });
}

function verifiedChunks(layout: StoreLayout, digest: Sha256): AsyncGenerator<Buffer> {
  const path = objectPath(layout, digest);
  return checkedChunks(path, digest, async (got, inode) =>
    corrupt(digest, got, inode === undefined ? path : await quarantine(layout, digest, inode)),
  );
}

/** Hashes an object without handing it out; returns its size. Failures: StoreCorrupt. */
export async function verifyObject(layout: StoreLayout, digest: Sha256): Promise<number> {
  let size = 0;
  for await (const chunk of verifiedChunks(layout, digest)) size += chunk.length;
  return size;
}

/**
 * Moves a bad object to where nobody looks for it; returns where it is now. Only the file that was read (`inode`) is
 * moved: somebody may have put good bytes in its place meanwhile.
 */
async function quarantine(layout: StoreLayout, digest: Sha256, inode: number): Promise<string> {
  const path = objectPath(layout, digest);
  const target = join(layout.corrupt, temporaryName(digest).slice(1));
  try {
    if ((await stat(path)).ino !== inode) return path;
    await makeDir(layout.corrupt);
    await rename(path, target);
    return target;
  } catch (error) {
    // Another reader found it first and moved it.
    if (errorCode(error) === 'ENOENT') return path;
    throw error;
  }
}
