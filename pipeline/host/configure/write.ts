import { chmod, readdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FactoryError } from '../../run/failure.ts';
import { errorCode, makeDir, writeDurably } from '../../store/durable.ts';
import { MARK } from './host-file.ts';

/** A file below the output directory. */
export interface OutputFile {
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/** What a writing changed: paths below the output directory, sorted. */
export interface Written {
  readonly changed: readonly string[];
  readonly unchanged: number;
  /** Files of ours that the cluster does not have any more. */
  readonly removed: readonly string[];
}

/**
 * Makes a directory hold these files: what is as it should be stays untouched, files of ours that are not among them go. A file
 * without our mark is never touched unless forced. Looks at everything before it changes anything. Failures: Usage, DiskFull.
 */
export async function writeOutput(dir: string, files: readonly OutputFile[], force: boolean): Promise<Written> {
  const found = await filesBelow(dir);
  const wanted = new Map(files.map((file) => [file.path, file]));
  const foreign: string[] = [];
  const removed: string[] = [];
  const same = new Set<string>();
  for (const path of found) {
    const text = await readFile(join(dir, path), 'utf8');
    const file = wanted.get(path);
    const ours = text.split('\n', 3).some((line) => line.includes(MARK));
    if (file === undefined) {
      if (ours) removed.push(path);
    } else if (file.text === text) {
      if (((await stat(join(dir, path))).mode & 0o777) === file.mode) same.add(path);
    } else if (!ours && !force) foreign.push(path);
  }
  if (foreign.length > 0) {
    throw new FactoryError({
      kind: 'Usage',
      message: `${dir} has files that were not generated here: ${foreign.join(', ')}`,
      advice: 'Nothing was written. Move them away, choose another --out, or overwrite them with --force.',
    });
  }
  const changed = files.filter(({ path }) => !same.has(path));
  for (const { path, text, mode } of changed) {
    await makeDir(dirname(join(dir, path)));
    await writeDurably(join(dir, path), text, { mode });
    // The mode of a new file is what umask leaves of it.
    await chmod(join(dir, path), mode);
  }
  for (const path of removed) await rm(join(dir, path));
  return { changed: changed.map(({ path }) => path), unchanged: same.size, removed };
}

/** Paths of all regular files below a directory, sorted; none when there is no such directory. */
async function filesBelow(dir: string, below = ''): Promise<string[]> {
  try {
    const entries = await readdir(join(dir, below), { withFileTypes: true });
    const paths = await Promise.all(
      entries.map((entry) => {
        const path = below === '' ? entry.name : `${below}/${entry.name}`;
        if (entry.isDirectory()) return filesBelow(dir, path);
        return Promise.resolve(entry.isFile() ? [path] : []);
      }),
    );
    return paths.flat().sort();
  } catch (error) {
    if (below === '' && errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
