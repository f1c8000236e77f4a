import type { Report } from './report.ts';
import { bootRules } from './rules-boot.ts';
import { packageRules } from './rules-packages.ts';
import { hostRules } from './rules-host.ts';
import { pairRules } from './rules-pair.ts';
import { imageRules } from './rules-images.ts';
import { roleRules } from './rules-roles.ts';
import { sourceRules } from './rules-sources.ts';
import type { RecipeInput } from './schema.ts';

/** What a schema cannot say: names that must refer to something, cycles, things that would overwrite each other. */
export function checkRules(recipe: RecipeInput, report: Report): void {
  imageRules(recipe, report);
  sourceRules(recipe, report);
  packageRules(recipe, report);
  roleRules(recipe, report);
  hostRules(recipe, report);
  pairRules(recipe, report);
  bootRules(recipe, report);
}
