import { unknownName } from './report.ts';
import type { Report } from './report.ts';
import type { RecipeInput } from './schema.ts';

/** Guests boot kernels of roles of the recipe, in an image that is there for that and for nothing else. */
export function bootRules(recipe: RecipeInput, report: Report): void {
  const boot = recipe.verify?.boot;
  if (boot === undefined) {
    if (recipe.images.runner !== undefined) report(['images', 'runner'], 'needs a section verify: boot:', 'key');
    return;
  }
  const at = ['verify', 'boot'];
  if (recipe.images.runner === undefined) report(at, 'needs an image "runner" in images', 'key');
  // The number of the TCP option is read in the built kernels, once, by the gate.
  if (recipe.pair === undefined) report(at, 'needs a section pair: that tells which TCP option the kernels use', 'key');
  for (const side of ['director', 'backend'] as const) {
    const { role: name } = boot[side];
    const role = recipe.roles[name];
    if (role === undefined) report([...at, side, 'role'], unknownName('role', name, Object.keys(recipe.roles)));
    else if (!role.packages.some(({ rpm }) => rpm === 'kernel'))
      report([...at, side, 'role'], `role "${name}" installs no package "kernel" that could be booted`);
  }
}
