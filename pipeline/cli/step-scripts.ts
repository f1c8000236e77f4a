import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRef } from '../plan/params.ts';
import { refOf } from '../tools/file-ref.ts';
import { FACTORY_DIR } from './paths.ts';

/** What runs in step containers, and what is published for hosts. */
const DIRS = ['dockerfiles/steps', 'pipeline/host'];

/** References to every script, by file name: `rebuild-srpm.sh`. */
export async function stepScripts(): Promise<ReadonlyMap<string, FileRef>> {
  return new Map((await Promise.all(DIRS.map(scriptsIn))).flat());
}

async function scriptsIn(dir: string): Promise<[string, FileRef][]> {
  const names = (await readdir(join(FACTORY_DIR, dir))).filter((name) => /\.(sh|py|pl)$/.test(name)).sort();
  return Promise.all(names.map(async (name) => [name, await refOf('factory', FACTORY_DIR, `${dir}/${name}`)]));
}
