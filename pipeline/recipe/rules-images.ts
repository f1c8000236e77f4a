import type { Path } from './document.ts';
import { unknownName } from './report.ts';
import type { Report } from './report.ts';
import type { RecipeInput } from './schema.ts';

/** A base comes from one place, images start from bases, keys come out of bases. */
export function imageRules(recipe: RecipeInput, report: Report): void {
  const bases = Object.keys(recipe.bases);
  for (const [name, base] of Object.entries(recipe.bases)) baseRule(recipe, base, ['bases', name], report);
  for (const [name, image] of Object.entries(recipe.images)) {
    if (image !== undefined && !bases.includes(image.from))
      report(['images', name, 'from'], unknownName('base', image.from, bases));
  }
  for (const [name, { image }] of Object.entries(recipe.keys ?? {})) {
    if (image !== undefined && !bases.includes(image.base))
      report(['keys', name, 'image', 'base'], unknownName('base', image.base, bases));
  }
  const used = [
    ...Object.values(recipe.images).map((image) => image?.from),
    ...Object.values(recipe.keys ?? {}).map(({ image }) => image?.base),
  ];
  for (const name of bases) if (!used.includes(name)) report(['bases', name], `nothing uses base "${name}"`, 'key');
}

function baseRule(recipe: RecipeInput, base: RecipeInput['bases'][string], at: Path, report: Report): void {
  if (base.rootfs === undefined) {
    if (base.image === undefined || base.digest === undefined)
      report(at, 'must have image and digest, or rootfs', 'key');
    return;
  }
  if (base.image !== undefined || base.digest !== undefined || base.bootstrap !== undefined) {
    report([...at, 'rootfs'], 'is given instead of image, digest and bootstrap, not beside them', 'key');
  }
  const source = recipe.sources[base.rootfs];
  if (source === undefined) {
    report([...at, 'rootfs'], unknownName('source', base.rootfs, Object.keys(recipe.sources)));
  } else if (source.kind !== 'http' || source.sha256 === undefined) {
    report([...at, 'rootfs'], `source "${base.rootfs}" must be of kind http and have its sha256 in the recipe`);
  }
}
