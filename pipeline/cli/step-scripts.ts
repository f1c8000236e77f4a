import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { FileRef } from '../plan/params.ts';
import { refOf } from '../tools/file-ref.ts';
import { FACTORY_DIR } from './paths.ts';

/** What runs in step containers, and what is published for hosts. */
const DIRS = ['dockerfiles/steps', 'pipeline/host'];

/** References to every script, by path below its directory: `rebuild-srpm.sh`, `lib/fetch.sh`. */
export async function stepScripts(): Promise<ReadonlyMap<string, FileRef>> {
  return new Map((await Promise.all(DIRS.map(scriptsIn))).flat());
}

async function scriptsIn(dir: string): Promise<[string, FileRef][]> {
  const root = join(FACTORY_DIR, dir);
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && /\.(sh|py|pl)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
  return Promise.all(names.map(async (name) => [name, await refOf('factory', FACTORY_DIR, `${dir}/${name}`)]));
}
