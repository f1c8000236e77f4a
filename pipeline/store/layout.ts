import { join } from 'node:path';
import type { Sha256 } from '../plan/artifact.ts';

/** Where things lie below a store's root. The version in the path changes with the format. */
export interface StoreLayout {
  /** `<root>/v1/sha256`: objects as `ab/cdef…`. */
  readonly objects: string;
  /** `<root>/v1/tmp`: files in the making. Same file system as the objects, so that a rename is enough. */
  readonly temporary: string;
  /** `<root>/v1/corrupt`: objects whose bytes were not their name's; kept for a look, never used. */
  readonly corrupt: string;
}

/** The directories of the store at `root`. */
export function layoutOf(root: string): StoreLayout {
  const base = join(root, 'v1');
  return { objects: join(base, 'sha256'), temporary: join(base, 'tmp'), corrupt: join(base, 'corrupt') };
}

/** Path of an object, whether it is there or not. */
export function objectPath(layout: StoreLayout, digest: Sha256): string {
  return join(layout.objects, digest.slice(0, 2), digest.slice(2));
}
