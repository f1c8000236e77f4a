import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { asSha256, type Sha256 } from '../../../pipeline/plan/artifact.ts';
import { layoutOf, objectPath } from '../../../pipeline/store/layout.ts';
import { createStore } from '../../../pipeline/store/store.ts';
import type { Store } from '../../../pipeline/tools/tools.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

export function sha256(text: string | Buffer): Sha256 {
  return asSha256(createHash('sha256').update(text).digest('hex'));
}

/** A store in a directory of its own, and a look behind its back. */
export interface StoreRig {
  readonly root: string;
  readonly store: Store;
  readonly pathOf: (digest: Sha256) => string;
  /** Names in v1/tmp, v1/corrupt and v1/sha256/xx. */
  readonly names: (where: 'temporary' | 'corrupt' | 'objects') => string[];
}

export function makeStore(root = tempDir()): StoreRig {
  const layout = layoutOf(root);
  return {
    root,
    store: createStore(root),
    pathOf: (digest) => objectPath(layout, digest),
    names(where) {
      const dirs =
        where === 'objects' ? list(layout.objects).map((name) => join(layout.objects, name)) : [layout[where]];
      return dirs.flatMap(list);
    },
  };
}

function list(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
