import type { Difference, RebuiltFile } from '../provenance/rebuilt.ts';
import { plural } from './units.ts';

/** One package that was built again. */
export interface RebuiltPackage {
  readonly name: string;
  /** Whether it was made with exactly what the provenance tells of. */
  readonly sameInputs: boolean;
  readonly files: readonly RebuiltFile[];
  readonly differences: readonly Difference[];
}

/** For people: one line per package, then what differs in it. */
export function rebuiltText(snapshot: string, packages: readonly RebuiltPackage[]): string {
  const lines = packages.flatMap((one) => [
    `${one.name}: ${summary(one)}`,
    ...(one.sameInputs
      ? []
      : ['  made with other inputs than the snapshot: the recipe, the factory or the builder changed']),
    ...one.files.filter(isDifferent).flatMap((file) => [`  ${fileLine(file)}`, ...differencesOf(one, file)]),
  ]);
  const all = packages.flatMap(({ files }) => files);
  const bad = all.filter(isDifferent).length;
  const end =
    bad === 0
      ? `${plural(all.length, 'package')}, every digest as built`
      : `${plural(bad, 'package')} of ${all.length} differ`;
  return `${lines.join('\n')}\nsnapshot ${snapshot}: ${end}\n`;
}

/** Whether a file is not the same on both sides. */
export function isDifferent({ published, rebuilt }: RebuiltFile): boolean {
  return published !== rebuilt;
}

function summary({ files }: RebuiltPackage): string {
  const equal = files.filter((file) => !isDifferent(file)).length;
  return `${equal} of ${plural(files.length, 'package')} equal`;
}

function fileLine({ path, published, rebuilt }: RebuiltFile): string {
  if (published === null) return `${path}: is not in the snapshot`;
  if (rebuilt === null) return `${path}: was not built again`;
  return `${path}: ${rebuilt.slice(0, 12)} instead of ${published.slice(0, 12)}`;
}

/** Enough to see what is going on; --json has all. */
const SHOWN = 40;

function differencesOf({ differences }: RebuiltPackage, { path }: RebuiltFile): string[] {
  const own = differences.filter(({ rpm }) => path.endsWith(`/${rpm}`));
  const lines = own.slice(0, SHOWN).map(({ kind, what, published, rebuilt }) => {
    const values = published === '' && rebuilt === '' ? '' : `: ${short(published)} -> ${short(rebuilt)}`;
    return `    ${kind.padEnd(8)} ${what}${values}`;
  });
  return own.length > SHOWN ? [...lines, `    and ${own.length - SHOWN} more (--json tells all)`] : lines;
}

function short(value: string): string {
  return value.length > 60 ? `${value.slice(0, 57)}...` : value === '' ? 'none' : value;
}
