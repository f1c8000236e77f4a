import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { asSha256, type Sha256 } from '../plan/artifact.ts';
import { failureOf } from '../run/failure.ts';
import { errorCode } from './durable.ts';
import { layoutOf, objectPath } from './layout.ts';
import { verifyObject } from './verified.ts';

/** A bad object that a verification found. */
interface CorruptObject {
  readonly digest: Sha256;
  /** What its bytes hash to, or `missing` when it went away meanwhile. */
  readonly got: string;
}

/** Outcome of re-hashing a whole store. */
interface StoreReport {
  readonly ok: number;
  readonly corrupt: readonly CorruptObject[];
}

/**
 * Removes what dead runs left in `<root>/v1/tmp`, of a store or a ledger; returns the removed names. Only for the holder of
 * the lock: files in the making of a living run lie there too.
 */
export async function sweepTemporary(root: string): Promise<readonly string[]> {
  const { temporary } = layoutOf(root);
  const names = await namesIn(temporary);
  for (const name of names) await rm(join(temporary, name), { recursive: true, force: true });
  return names;
}

/** Re-hashes every object; bad ones are moved out of the way. `onProgress` counts objects. */
export async function verifyStore(
  root: string,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<StoreReport> {
  const layout = layoutOf(root);
  const digests = await listObjects(root);
  const bad: CorruptObject[] = [];
  for (const [index, digest] of digests.entries()) {
    try {
      await verifyObject(layout, digest);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind !== 'StoreCorrupt') throw error;
      bad.push({ digest, got: failure.got });
    }
    onProgress(index + 1, digests.length);
  }
  return { ok: digests.length - bad.length, corrupt: bad };
}

/**
 * Removes every object that is not in `keep`, and the bad ones that were put aside; returns the bytes that this freed.
 * Objects that are hard links of published files free nothing. Only for the holder of the lock.
 */
export async function pruneStore(root: string, keep: ReadonlySet<string>): Promise<number> {
  const layout = layoutOf(root);
  const objects = await listObjects(root);
  const doomed = [
    ...objects.filter((digest) => !keep.has(digest)).map((digest) => objectPath(layout, digest)),
    ...(await namesIn(layout.corrupt)).map((name) => join(layout.corrupt, name)),
  ];
  let freed = 0;
  for (const path of doomed) {
    const { size, nlink } = await stat(path);
    await rm(path, { force: true });
    if (nlink === 1) freed += size;
  }
  return freed;
}

/** Digests of all objects, sorted. Names that no digest has cannot be asked for and are left alone. */
async function listObjects(root: string): Promise<readonly Sha256[]> {
  const { objects } = layoutOf(root);
  const digests: Sha256[] = [];
  for (const prefix of await namesIn(objects)) {
    for (const rest of await namesIn(join(objects, prefix))) {
      if (/^[0-9a-f]{2}$/.test(prefix) && /^[0-9a-f]{62}$/.test(rest)) digests.push(asSha256(prefix + rest));
    }
  }
  return digests.sort();
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
