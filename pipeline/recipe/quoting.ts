import type { Problem } from '../run/failure.ts';
import type { Path, YamlDocument } from './document.ts';
import type { RecipeInput } from './schema.ts';

/**
 * Kernel configuration values that YAML reads as a number which is written differently (0x10, 010): they would silently
 * change on the way into the .config.
 */
export function quotingProblems(recipe: RecipeInput, document: YamlDocument): Problem[] {
  return Object.entries(recipe.packages).flatMap(([name, { config }]) =>
    (['set', 'add', 'override', 'values'] as const).flatMap((map) =>
      Object.entries(config?.[map] ?? {}).flatMap(([symbol, value]) => {
        const path: Path = ['packages', name, 'config', map, symbol];
        const written = document.sourceOf(path);
        if (written === undefined || written === value) return [];
        return [document.problem(path, `${written} would become ${value}: quote it ("${written}")`)];
      }),
    ),
  );
}
