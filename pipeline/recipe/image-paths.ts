import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listDir } from './files.ts';

/** In an image's folder: names of files of dockerfiles/common that belong into its build context too, one per line. */
const COMMON = 'common.txt';

/**
 * Paths, relative to the factory, of what an image is built from: the files of dockerfiles/<name>, and those of dockerfiles/common
 * that its common.txt lists. Undefined: there is no such folder. Which of them exist is for the caller to find out.
 */
export function imagePaths(factoryDir: string, name: string): readonly string[] | undefined {
  const dir = `dockerfiles/${name}`;
  const names = listDir(join(factoryDir, dir));
  if (names === undefined) return undefined;
  const own = names.filter((file) => file !== COMMON).map((file) => `${dir}/${file}`);
  if (!names.includes(COMMON)) return own;
  const listed = readFileSync(join(factoryDir, dir, COMMON), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return [...own, ...listed.map((file) => `dockerfiles/common/${file}`)];
}
