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

/** For people: one line per package, then what differs in it. `from`: what said what is built. */
export function rebuiltText(
  snapshot: string,
  from: 'provenance' | 'checkout',
  packages: readonly RebuiltPackage[],
): string {
  const lines = packages.flatMap((one) => [
    `${one.name}: ${summary(one)}`,
    ...(one.sameInputs
      ? []
      : ['  made with other inputs than the snapshot: the recipe, the factory or the builder changed']),
    ...one.files.filter(isDifferent).flatMap((file) => [`  ${fileLine(file)}`, ...differencesOf(one, file)]),
  ]);
  const all = packages.flatMap((one) => one.files.map((file) => ({ one, file })));
  const different = all.filter(({ file }) => isDifferent(file));
  const bad = different.filter(({ one, file }) => !isExcused(one, file)).length;
  const good =
    different.length === 0
      ? 'every digest as built'
      : `every one as built, ${different.length} of them but for what the tools of EL6 cannot pin (clock, signature)`;
  const end =
    bad === 0 ? `${plural(all.length, 'package')}, ${good}` : `${plural(bad, 'package')} of ${all.length} differ`;
  return `${lines.join('\n')}\nsnapshot ${snapshot}, built again from ${FROM[from]}: ${end}\n`;
}

const FROM = { provenance: 'its provenance', checkout: 'this checkout' };

/** Whether a file is not the same on both sides. */
export function isDifferent({ published, rebuilt }: RebuiltFile): boolean {
  return published !== rebuilt;
}

/** Kinds of difference that builds on EL6 always have: rpm 4.8 takes times from the clock, module keys are made anew. */
const EXCUSED: ReadonlySet<string> = new Set(['clock', 'signature']);

/** Whether all that differs in a file is what the tools that made it cannot pin. */
export function isExcused({ differences }: RebuiltPackage, file: RebuiltFile): boolean {
  const own = differencesIn(differences, file);
  return own.length > 0 && own.every(({ kind }) => EXCUSED.has(kind));
}

function differencesIn(all: readonly Difference[], { path }: RebuiltFile): readonly Difference[] {
  return all.filter(({ rpm }) => path.endsWith(`/${rpm}`));
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

function differencesOf({ differences }: RebuiltPackage, file: RebuiltFile): string[] {
  const own = differencesIn(differences, file);
  const lines = own.slice(0, SHOWN).map(({ kind, what, published, rebuilt }) => {
    const values = published === '' && rebuilt === '' ? '' : `: ${short(published)} -> ${short(rebuilt)}`;
    return `    ${kind.padEnd(9)} ${what}${values}`;
  });
  return own.length > SHOWN ? [...lines, `    and ${own.length - SHOWN} more (--json tells all)`] : lines;
}

function short(value: string): string {
  return value.length > 60 ? `${value.slice(0, 57)}...` : value === '' ? 'none' : value;
}
