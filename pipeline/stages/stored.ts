import { finished } from 'node:stream/promises';
import type { Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import type { Store } from '../tools/tools.ts';

/** Whether the store has these very bytes: a source that was fetched before it was locked is not fetched again. */
export async function isStored(store: Store, digest: Sha256, size: number): Promise<boolean> {
  if (!(await store.has(digest, size))) return false;
  try {
    await finished((await store.open(digest)).resume());
    return true;
  } catch (thrown) {
    if (thrown instanceof FactoryError && thrown.failure.kind === 'StoreCorrupt') return false;
    throw thrown;
  }
}

/** Directories and files of this machine need no network. */
export function isLocal(url: string): boolean {
  return url.startsWith('/') || url.startsWith('file:');
}
