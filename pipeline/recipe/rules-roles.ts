import type { RecipeInput } from './schema.ts';
import { reportRepeated, rpmRule } from './report.ts';
import type { Report } from './report.ts';

/** Roles install what packages make, each RPM once. */
export function roleRules(recipe: RecipeInput, report: Report): void {
  for (const [name, role] of Object.entries(recipe.roles)) {
    for (const [index, rpm] of role.packages.entries()) {
      rpmRule(recipe, rpm, ['roles', name, 'packages', index], report);
    }
    const rpms = role.packages.map(({ rpm }) => rpm);
    reportRepeated(rpms, (index) => ['roles', name, 'packages', index, 'rpm'], report);
    const checks = (role.checks ?? []).map(({ id }) => id);
    reportRepeated(checks, (index) => ['roles', name, 'checks', index, 'id'], report);
  }
}
