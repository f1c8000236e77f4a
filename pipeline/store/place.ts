import { constants, copyFile, link, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import { errorCode, temporaryName } from './durable.ts';
import { hashFile } from './hash-file.ts';
import { objectPath, type StoreLayout } from './layout.ts';
import { openVerified, verifyObject } from './verified.ts';
import { writeHashed } from './write.ts';

/** What file systems say that cannot do it: no reflink or hard link here, other device, too many links. */
const CANNOT = new Set(['EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'ENOTTY', 'EPERM', 'EMLINK']);

/**
 * Puts an object at `path`: re-hashed, then a reflink, a hard link or a copy, whatever works first. A file that is already
 * there stays: fine when it has the same bytes, FileChanged when not. Makes the directory; the fsync of it is the caller's.
 * Failures: StoreCorrupt, FileChanged, DiskFull.
 */
export async function placeObject(layout: StoreLayout, digest: Sha256, path: string): Promise<void> {
  await verifyObject(layout, digest);
  await mkdir(dirname(path), { recursive: true });
  const object = objectPath(layout, digest);
  const reflink = constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL;
  try {
    if (await works(copyFile(object, path, reflink))) return;
    if (await works(link(object, path))) return;
    await copyVerified(layout, digest, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    const { digest: got } = await hashFile(path);
    if (got !== digest) throw new FactoryError({ kind: 'FileChanged', path, want: digest, got });
  }
}

async function works(attempt: Promise<void>): Promise<boolean> {
  try {
    await attempt;
    return true;
  } catch (error) {
    if (CANNOT.has(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** Copies under another name first, because a link (and no rename) refuses to replace. */
async function copyVerified(layout: StoreLayout, digest: Sha256, path: string): Promise<void> {
  const temporary = join(dirname(path), temporaryName(path));
  try {
    await writeHashed(await openVerified(layout, digest), temporary, { mode: 0o444 });
    await link(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
