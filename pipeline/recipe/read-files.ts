import { join } from 'node:path';
import type { FileRef, PatchSeries } from '../plan/params.ts';
import type { Problem } from '../run/failure.ts';
import type { Path } from './document.ts';
import { findFile, listDir } from './files.ts';
import type { Roots } from './files.ts';
import type { ImageContext } from './recipe.ts';
import type { Report } from './report.ts';
import { parseSeries, patchHeader } from './series.ts';
import type { PackageInput, RecipeInput } from './schema.ts';

/** What reading needs: where files lie, and where problems go (in the recipe, or in another file). */
export interface Reading {
  readonly roots: Roots;
  readonly report: Report;
  readonly elsewhere: (problem: Problem) => void;
}

/** The reference of a file that the recipe mentions; a problem at the mention when it cannot be had. */
export async function mentioned(
  reading: Reading,
  root: FileRef['root'],
  path: string,
  mention: Path,
): Promise<FileRef | undefined> {
  const found = await findFile(reading.roots, root, path);
  if ('ref' in found) return found.ref;
  reading.report(mention, found.why);
  return undefined;
}

/** The build context of an image: the files (no folders) of dockerfiles/<name>. */
export async function imageContext(
  reading: Reading,
  { context: name, from: base }: RecipeInput['images']['builder'],
  mention: Path,
): Promise<ImageContext> {
  const dir = `dockerfiles/${name}`;
  const names = (await listDir(reading.roots, 'factory', dir)) ?? [];
  if (!names.includes('Dockerfile')) {
    reading.report(mention, `there is no file ${dir}/Dockerfile`);
    return { name, base, context: [] };
  }
  const context: FileRef[] = [];
  for (const file of names) {
    const ref = await mentioned(reading, 'factory', `${dir}/${file}`, mention);
    if (ref !== undefined) context.push(ref);
  }
  return { name, base, context };
}

type PatchesInput = NonNullable<PackageInput['patches']>;

/** The patches of a series, each with its header checked. null: there is no series or it lists none, and no source is a patch. */
export async function readPatches(reading: Reading, input: PatchesInput, mention: Path): Promise<PatchSeries | null> {
  const { dir, sources, ...how } = input;
  const upstream = sources !== undefined && sources.length > 0;
  if (dir === undefined) return upstream ? { files: [], ...how } : null;
  const { roots, elsewhere } = reading;
  const found = await findFile(roots, 'patches', `${dir}/series`);
  if ('why' in found) {
    reading.report(mention, `${found.why} below the patches of this recipe`);
    return null;
  }
  const seriesFile = join(roots.patchesDir, dir, 'series');
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
    const patch = await findFile(roots, 'patches', `${dir}/${name}`);
    if ('why' in patch) {
      elsewhere({ ...at, message: `there is no file ${name} beside the series` });
      continue;
    }
    files.push(patch.ref);
    const { missing, end } = patchHeader(patch.bytes.toString('latin1'));
    for (const field of missing) {
      const file = join(roots.patchesDir, dir, name);
      elsewhere({ file, line: end, column: 1, path: name, message: `the header has no line "${field}: …"` });
    }
  }
  for (const name of (await listDir(roots, 'patches', dir)) ?? []) {
    if (!/\.(patch|diff)$/.test(name) || series.some((entry) => entry.name === name)) continue;
    elsewhere({ file: seriesFile, line: 1, column: 1, path: name, message: `${name} is in the folder but not listed` });
  }
  return files.length === 0 && !upstream ? null : { files, ...how };
}
