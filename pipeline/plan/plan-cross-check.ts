import type { Package } from '../recipe/recipe.ts';
import type { PackageContext } from './plan-package.ts';
import { plannedStep, scriptsOf } from './steps.ts';

/**
 * Compares source package plus patches with the patched tree that upstream offers, for packages that have both. Nothing
 * needs it: it runs when it is asked for (`factory verify --cross-check`).
 */
export function planCrossCheck(one: Package, { recipe, options, images, sources, add }: PackageContext): void {
  const { patchedTree: tree, srpm } = one;
  if (tree === null || srpm === null || one.patchSources.length === 0) return;
  add(
    plannedStep(
      'cross-check',
      one.name,
      `${one.name}: source package and patches against ${tree.source}`,
      {
        package: one.name,
        source0: tree.as,
        source0Top: tree.into,
        treeTop: tree.top,
        drop: tree.drop,
        limits: recipe.limits,
        scripts: scriptsOf('cross-check', options.scripts),
      },
      {
        publisher: images.image(recipe.publisher),
        srpm: sources.get(srpm).file,
        patches: one.patchSources.map((name) => sources.get(name).file),
        tree: sources.get(tree.source).file,
      },
      {},
    ),
  );
}
