import { join } from 'node:path';
import type { FileRef, PatchSeries } from '../plan/params.ts';
import { meant } from '../plan/similar.ts';
import type { Path } from './document.ts';
import { dirsOf, findIn, listDir } from './files.ts';
import type { Reading } from './read-files.ts';
import type { PackageInput, RecipeInput } from './schema.ts';
import { parseSeries, patchHeader } from './series.ts';

type PatchesInput = NonNullable<PackageInput['patches']>;

/**
 * The patches of a package, each with its header checked: the series of the recipe that is extended, then that of the recipe itself,
 * of which a patch with the name of an earlier one takes its place. null: they list none, and no source is a patch.
 */
export function readPatches(reading: Reading, input: PatchesInput, mention: Path): PatchSeries | null {
  const { dir, sources, ...how } = input;
  const upstream = sources !== undefined && sources.length > 0;
  if (dir === undefined) return upstream ? { files: [], ...how } : null;
  const files = new Map<string, FileRef>();
  let found = false;
  for (const folder of dirsOf(reading.roots, 'patches').toReversed()) {
    const own = readSeries(reading, folder, dir);
    found ||= own !== undefined;
    for (const file of own ?? []) files.set(file.path, file);
  }
  if (!found) {
    reading.report(mention, `there is no file ${dir}/series below the patches of this recipe`);
    return null;
  }
  return files.size === 0 && !upstream ? null : { files: [...files.values()], ...how };
}

/** What the series in one folder of patches lists; undefined when there is none, and nothing that should be in one. */
function readSeries({ elsewhere }: Reading, folder: string, dir: string): FileRef[] | undefined {
  const seriesFile = join(folder, dir, 'series');
  const names = (listDir(join(folder, dir)) ?? []).filter((name) => /\.(patch|diff)$/.test(name));
  const found = findIn(folder, 'patches', `${dir}/series`);
  if (found === undefined) {
    for (const name of names)
      elsewhere({
        file: seriesFile,
        line: 1,
        column: 1,
        path: name,
        message: `there is no file series beside ${name}`,
      });
    return undefined;
  }
  if ('why' in found) {
    elsewhere({ file: seriesFile, line: 1, column: 1, path: dir, message: found.why });
    return [];
  }
  const series = parseSeries(found.bytes.toString('utf8'));
  const files: FileRef[] = [];
  for (const { name, line } of series) {
    const at = { file: seriesFile, line, column: 1, path: name };
    if (!/^(?!\.)[^/\\\s]+\.(patch|diff)$/.test(name)) {
      elsewhere({ ...at, message: `"${name}" must be one file name that ends in .patch or .diff, without options` });
      continue;
    }
    if (files.some((file) => file.path === `${dir}/${name}`)) {
      elsewhere({ ...at, message: `${name} is listed twice` });
      continue;
    }
    const patch = findIn(folder, 'patches', `${dir}/${name}`);
    if (patch === undefined || 'why' in patch) {
      elsewhere({ ...at, message: `there is no file ${name} beside the series` });
      continue;
    }
    files.push(patch.ref);
    const { missing, end } = patchHeader(patch.bytes.toString('latin1'));
    for (const field of missing) {
      const file = join(folder, dir, name);
      elsewhere({ file, line: end, column: 1, path: name, message: `the header has no line "${field}: …"` });
    }
  }
  for (const name of names) {
    if (series.some((entry) => entry.name === name)) continue;
    elsewhere({ file: seriesFile, line: 1, column: 1, path: name, message: `${name} is in the folder but not listed` });
  }
  return files;
}

/** Reports folders of patches that no package takes: in a recipe that extends another one nothing else would notice the mistake. */
export function unusedPatches(reading: Reading, { packages }: RecipeInput): void {
  const used = Object.values(packages).flatMap(({ patches }) => (patches?.dir === undefined ? [] : [patches.dir]));
  const [folder = ''] = dirsOf(reading.roots, 'patches');
  for (const name of listDir(folder) ?? []) {
    if (used.some((dir) => dir.split('/')[0] === name)) continue;
    if (listDir(join(folder, name)) === undefined) continue;
    const why = `no package has its patches in "${name}"; there are: ${used.join(', ') || 'none'}${meant(name, used)}`;
    const message = `${why} (patches.dir of a package names its folder)`;
    reading.elsewhere({ file: join(folder, name, 'series'), line: 1, column: 1, path: name, message });
  }
}
