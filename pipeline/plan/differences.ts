import type { Package, Recipe } from '../recipe/recipe.ts';
import type { FileRef } from './params.ts';
import { type FileChange, fileChanges, type ValueChange, valueChanges } from './value-changes.ts';

/** One thing in which a recipe differs from the one that it extends. */
export type Difference =
  | {
      readonly what: 'config';
      readonly package: string;
      readonly symbol: string;
      /** null: what the fragments of the source package say, which is not known before it is here. */
      readonly before: string | null;
      readonly now: string | null;
    }
  | {
      readonly what: 'patch';
      readonly package: string;
      readonly change: FileChange['change'];
      readonly file: string;
      /** First line of what the patch says it does. */
      readonly subject: string | null;
    }
  | ({ readonly what: 'file'; /** Where the recipe names it. */ readonly path: string } & FileChange)
  | { readonly what: 'package'; readonly package: string; readonly change: 'added' | 'removed' }
  | ({ readonly what: 'value' } & ValueChange);

/** What is not in the recipes themselves but in their files. */
export interface Contents {
  /** Values that the fragments of a package give symbols, before and now; empty for fragments that are not here. */
  readonly fragments: (
    name: string,
  ) => readonly [before: ReadonlyMap<string, string>, now: ReadonlyMap<string, string>];
  /** What a patch is called, by its path. */
  readonly subject: (path: string) => string | null;
}

/**
 * What a recipe makes different from the one that it extends: computed from the two as they are read, with all files, so what is said
 * anew and means the same is no difference. The name, and what is said about the recipe in words, are not compared.
 */
export function recipeDifferences(base: Recipe, own: Recipe, contents: Contents): readonly Difference[] {
  const names = new Set([...base.packages, ...own.packages].map(({ name }) => name));
  const packages = [...names].flatMap((name): readonly Difference[] => {
    const [before, now] = [base, own].map(({ packages: all }) => all.find((one) => one.name === name));
    if (before === undefined) return [{ what: 'package', package: name, change: 'added' }];
    if (now === undefined) return [{ what: 'package', package: name, change: 'removed' }];
    return packageDifferences(before, now, contents);
  });
  return [...packages, ...values('', rest(base), rest(own))];
}

/** Everything that is compared value by value. */
function rest({ name: _name, extends: _extends, description: _description, packages: _packages, ...others }: Recipe) {
  return others;
}

function packageDifferences(before: Package, now: Package, contents: Contents): readonly Difference[] {
  const { files: _oldFiles, patches: oldSeries, config: oldConfig, ...old } = before;
  const { files: _files, patches: series, config, ...current } = now;
  const at = `packages.${now.name}`;
  const [oldPatches, patches] = [oldSeries?.files ?? [], series?.files ?? []];
  return [
    ...configDifferences(before, now, contents),
    ...fileChanges(oldPatches, patches).map(({ file, change }): Difference => {
      const name = file.slice(file.lastIndexOf('/') + 1);
      return { what: 'patch', package: now.name, change, file: name, subject: contents.subject(file) };
    }),
    ...orderDifferences(`${at}.patches`, oldPatches, patches),
    ...fileChanges(before.files, now.files).map((one): Difference => ({ what: 'file', path: `${at}.files`, ...one })),
    ...values(`${at}.patches`, oldSeries && { ...oldSeries, files: [] }, series && { ...series, files: [] }),
    ...values(`${at}.config`, oldConfig && placesOf(oldConfig), config && placesOf(config)),
    ...values(at, old, current),
  ];
}

/** Where values go, without the values. */
function placesOf({ fragment, strongest, final, wanted }: NonNullable<Package['config']>) {
  return { fragment, strongest, final, wanted };
}

function configDifferences(before: Package, now: Package, { fragments }: Contents): readonly Difference[] {
  const [oldThere, there] = fragments(now.name);
  const [old, current] = [before.config?.values ?? {}, now.config?.values ?? {}];
  const symbols = new Set([...Object.keys(old), ...Object.keys(current), ...oldThere.keys(), ...there.keys()]);
  return [...symbols].sort().flatMap((symbol): readonly Difference[] => {
    const values = [old[symbol] ?? oldThere.get(symbol) ?? null, current[symbol] ?? there.get(symbol) ?? null] as const;
    if (values[0] === values[1]) return [];
    return [{ what: 'config', package: now.name, symbol, before: values[0], now: values[1] }];
  });
}

/** The order of those that are in both. */
function orderDifferences(path: string, before: readonly FileRef[], now: readonly FileRef[]): readonly Difference[] {
  const common = (list: readonly FileRef[], other: readonly FileRef[]) =>
    list.flatMap((file) => (other.some((one) => one.path === file.path) ? [file.path] : [])).join(', ');
  const [old, current] = [common(before, now), common(now, before)];
  return old === current ? [] : [{ what: 'value', path: `${path} (order)`, before: old, now: current }];
}

function values(path: string, before: unknown, now: unknown): readonly Difference[] {
  return valueChanges(path, before, now).map((one): Difference => {
    return 'change' in one ? { what: 'file', ...one } : { what: 'value', ...one };
  });
}
