import { reportRepeated, rpmRule, unknownName } from './report.ts';
import type { Report } from './report.ts';
import type { RecipeInput } from './schema.ts';

/** A pair is made of packages of the recipe, and says how its option number can be read. */
export function pairRules(recipe: RecipeInput, report: Report): void {
  const { pair } = recipe;
  if (pair === undefined) return;
  for (const side of ['director', 'backend'] as const) {
    const at = ['pair', side];
    rpmRule(recipe, { package: pair[side].package, rpm: 'kernel' }, at, report);
    const { modinfo, code } = pair[side].toa;
    if (modinfo === undefined && code === undefined) report([...at, 'toa'], 'must have modinfo or code', 'key');
  }
  if (pair.director.package === pair.backend.package)
    report(['pair', 'backend', 'package'], `"${pair.backend.package}" is the director's already`);
  if (recipe.packages[pair.tools] === undefined)
    report(['pair', 'tools'], unknownName('package', pair.tools, Object.keys(recipe.packages)));
  const { kernel, tools, constants = [] } = pair.interface;
  const director = recipe.packages[pair.director.package];
  if (director !== undefined && !director.produces.includes(kernel.rpm))
    report(['pair', 'interface', 'kernel', 'rpm'], unknownName('binary package', kernel.rpm, director.produces));
  const names = tools.map(({ name }) => name);
  // "kernel" is how the other side is called in what the step script writes.
  const taken = ['kernel', ...names];
  reportRepeated(taken, (index) => ['pair', 'interface', 'tools', Math.max(index - 1, 0), 'name'], report);
  reportRepeated(constants, (index) => ['pair', 'interface', 'constants', index], report);
}
