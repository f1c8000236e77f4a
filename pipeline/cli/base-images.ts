import { meant } from '../plan/similar.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { FactoryError } from '../run/failure.ts';

/** What `--base-image name=image` says, by name of the base. Failures: Usage. */
export function baseImagesOf(options: readonly string[], recipe: Recipe): Record<string, string> {
  const names = recipe.bases.map(({ name }) => name.replace(/-base$/, ''));
  return Object.fromEntries(
    options.map((option) => {
      const [, name = '', image = ''] = /^([^=]+)=(.+)$/.exec(option) ?? [];
      if (names.includes(name)) return [name, image];
      const message = `--base-image ${option}: recipe ${recipe.name} has no base "${name}"${meant(name, names)}`;
      throw new FactoryError({ kind: 'Usage', message, advice: `Give name=image; the bases are: ${names.join(', ')}` });
    }),
  );
}
