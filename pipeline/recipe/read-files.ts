import type { FileRef } from '../plan/params.ts';
import type { Problem } from '../run/failure.ts';
import type { Path } from './document.ts';
import { findFile } from './files.ts';
import type { Roots } from './files.ts';
import { imagePaths } from './image-paths.ts';
import type { ImageContext } from './recipe.ts';
import type { Report } from './report.ts';
import type { RecipeInput } from './schema.ts';

/** What reading needs: where files lie, and where problems go (in the recipe, or in another file). */
export interface Reading {
  readonly roots: Roots;
  readonly report: Report;
  readonly elsewhere: (problem: Problem) => void;
}

/** The reference of a file that the recipe mentions; a problem at the mention when it cannot be had. */
export function mentioned(reading: Reading, root: FileRef['root'], path: string, mention: Path): FileRef | undefined {
  const found = findFile(reading.roots, root, path);
  if ('ref' in found) return found.ref;
  reading.report(mention, found.why);
  return undefined;
}

/** The build context of an image: the files (no folders) of dockerfiles/<name>, and what it has of dockerfiles/common. */
export function imageContext(reading: Reading, image: RecipeInput['images']['builder'], mention: Path): ImageContext {
  const { context: name, from: base, cache = null } = image;
  const dir = `dockerfiles/${name}`;
  const paths = imagePaths(reading.roots.factoryDir, name) ?? [];
  if (!paths.includes(`${dir}/Dockerfile`)) {
    reading.report(mention, `there is no file ${dir}/Dockerfile`);
    return { name, base, context: [], cache };
  }
  const context: FileRef[] = [];
  for (const path of paths) {
    const ref = mentioned(reading, 'factory', path, mention);
    if (ref !== undefined) context.push(ref);
  }
  return { name, base, context, cache };
}
