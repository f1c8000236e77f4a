import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileRef } from '../plan/params.ts';
import { refOf } from '../tools/file-ref.ts';
import { FACTORY_DIR } from './paths.ts';

/** References to every step script, by file name: `rebuild-srpm.sh`. */
export async function stepScripts(): Promise<ReadonlyMap<string, FileRef>> {
  const dir = 'dockerfiles/steps';
  const names = (await readdir(join(FACTORY_DIR, dir))).filter((name) => name.endsWith('.sh')).sort();
  const refs = await Promise.all(
    names.map(async (name) => [name, await refOf('factory', FACTORY_DIR, `${dir}/${name}`)] as const),
  );
  return new Map(refs);
}
