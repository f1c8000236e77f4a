import { createReadStream } from 'node:fs';
import { lstat, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import type { Store } from '../tools/tools.ts';
import { errorCode, makeDir, syncDir, temporaryName } from './durable.ts';
import { hashFile } from './hash-file.ts';
import { layoutOf, objectPath, type StoreLayout } from './layout.ts';
import { placeObject } from './place.ts';
import { openVerified } from './verified.ts';
import { mismatch, writeHashed, type Written } from './write.ts';

const READ_ONLY = 0o444;

/** The content-addressed store below `root`; directories are made when something is put. */
export function createStore(root: string): Store {
  const layout = layoutOf(root);

  const put: Store['put'] = async (bytes, { want, maxBytes } = {}) => {
    // A source may fail before anybody reads it; the loop that reads it gets the same error.
    if (!Buffer.isBuffer(bytes)) bytes.on('error', () => undefined);
    await makeDir(layout.temporary);
    const temporary = join(layout.temporary, temporaryName('object'));
    const written = await writeHashed(bytes, temporary, {
      mode: READ_ONLY,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    });
    try {
      if (want !== undefined && written.digest !== want) throw mismatch(want, written.digest);
      await moveIn(layout, temporary, written.digest);
    } finally {
      await rm(temporary, { force: true });
    }
    return written;
  };

  return {
    put,
    adopt: (path, want) => adopt(layout, put, path, want),
    async has(digest, size) {
      try {
        const found = await stat(objectPath(layout, digest));
        return found.isFile() && found.size === size;
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return false;
        throw error;
      }
    },
    open: (digest) => openVerified(layout, digest),
    read: async (digest) => buffer(await openVerified(layout, digest)),
    place: (digest, path) => placeObject(layout, digest, path),
    async scratch() {
      await makeDir(layout.temporary);
      return mkdtemp(join(layout.temporary, 'scratch-'));
    },
  };
}

/** Renames a finished, fsynced file to its name. One that is there is replaced: the new bytes are known to be good. */
async function moveIn(layout: StoreLayout, path: string, digest: Sha256): Promise<void> {
  const object = objectPath(layout, digest);
  await makeDir(dirname(object));
  await rename(path, object);
  await syncDir(dirname(object));
}

async function adopt(layout: StoreLayout, put: Store['put'], path: string, want?: Sha256): Promise<Written> {
  if (!(await lstat(path)).isFile()) {
    throw new FactoryError({ kind: 'Internal', message: `not a regular file: ${path}`, stack: '' });
  }
  const found = await hashFile(path);
  if (want !== undefined && found.digest !== want) throw mismatch(want, found.digest);
  const handle = await open(path, 'r');
  try {
    await handle.chmod(READ_ONLY);
    await handle.sync();
  } finally {
    await handle.close();
  }
  try {
    await moveIn(layout, path, found.digest);
  } catch (error) {
    if (errorCode(error) !== 'EXDEV') throw error;
    await put(createReadStream(path), { want: found.digest });
    await rm(path);
  }
  return found;
}
