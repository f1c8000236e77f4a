import { meant } from '../plan/similar.ts';
import type { Path } from './document.ts';
import type { RecipeInput } from './schema.ts';

/** Notes a problem at a path of the recipe. */
export type Report = (path: Path, message: string, at?: 'value' | 'key') => void;

/** `unknown source "linx"; there are: linux; did you mean "linux"?` */
export function unknownName(what: string, name: string, names: readonly string[]): string {
  return `unknown ${what} "${name}"; there are: ${names.join(', ') || 'none'}${meant(name, names)}`;
}

/** Reports every value that stands in a list for the second time. */
export function reportRepeated(values: readonly string[], pathOf: (index: number) => Path, report: Report): void {
  for (const [index, value] of values.entries()) {
    if (values.indexOf(value) < index) report(pathOf(index), `"${value}" is here twice`);
  }
}

/** Reports an RPM that no package of the recipe makes. */
export function rpmRule(recipe: RecipeInput, rpm: { package: string; rpm: string }, path: Path, report: Report): void {
  const from = recipe.packages[rpm.package];
  if (from === undefined) {
    report([...path, 'package'], unknownName('package', rpm.package, Object.keys(recipe.packages)));
  } else if (!from.produces.includes(rpm.rpm)) {
    const message = `package ${rpm.package} does not produce "${rpm.rpm}", only: ${from.produces.join(', ')}`;
    report([...path, 'rpm'], message + meant(rpm.rpm, from.produces));
  }
}
