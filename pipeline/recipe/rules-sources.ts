import type { RecipeInput } from './schema.ts';
import { inOrder } from './order.ts';
import { unknownName } from './report.ts';
import type { Report } from './report.ts';

/** The archives that members are taken from. */
export function memberReferences(recipe: RecipeInput): Map<string, string[]> {
  return new Map(
    Object.entries(recipe.sources).map(([name, source]) => [name, source.kind === 'member' ? [source.of] : []]),
  );
}

/** The apt source that a source's version comes from: itself, or the package that it was taken out of. */
export function aptSourceOf(recipe: RecipeInput, name: string): string | undefined {
  const seen = new Set<string>();
  for (let at = name; !seen.has(at);) {
    seen.add(at);
    const source = recipe.sources[at];
    if (source?.kind === 'apt') return at;
    if (source?.kind !== 'member') return undefined;
    at = source.of;
  }
  return undefined;
}

/** Members refer to sources, apt sources say what they take, everything is used by something. */
export function sourceRules(recipe: RecipeInput, report: Report): void {
  const names = Object.keys(recipe.sources);
  const used = new Set<string>();
  for (const [name, source] of Object.entries(recipe.sources)) {
    if (source.kind === 'member') {
      used.add(source.of);
      if (!names.includes(source.of)) report(['sources', name, 'of'], unknownName('source', source.of, names));
    }
    if (source.kind === 'http') keyRules(recipe, name, source.urls, report);
    if (source.kind === 'apt') {
      const fromSource = source.source === true;
      if (fromSource && source.file === undefined) {
        report(['sources', name], 'a source package has several files: "file" must say which', 'key');
      }
      if (!fromSource && source.file !== undefined) {
        report(['sources', name, 'file'], 'only a source package (source: true) has files to choose from', 'key');
      }
    }
  }
  const ordered = inOrder(memberReferences(recipe));
  if ('cycle' in ordered) {
    report(['sources', ordered.cycle[0] ?? '', 'of'], `a cycle of members: ${ordered.cycle.join(' -> ')}`);
  }
  for (const source of Object.values(recipe.packages)) {
    if (source.srpm !== undefined) used.add(source.srpm);
    for (const { source: name } of source.sources ?? []) used.add(name);
    for (const name of source.patches?.sources ?? []) used.add(name);
    if (source.patchedTree !== undefined) used.add(source.patchedTree.source);
  }
  for (const { rootfs } of Object.values(recipe.bases)) if (rootfs !== undefined) used.add(rootfs);
  for (const name of names) {
    if (!used.has(name)) report(['sources', name], `nothing uses source "${name}"`, 'key');
  }
}

/** Mirrors of a signed source all name a known key: one without would let anything in. */
function keyRules(
  recipe: RecipeInput,
  name: string,
  urls: readonly (string | { readonly key: string })[],
  report: Report,
): void {
  const keys = Object.keys(recipe.keys ?? {});
  const signed = urls.some((one) => typeof one !== 'string');
  for (const [index, one] of urls.entries()) {
    const at = ['sources', name, 'urls', index];
    if (typeof one === 'string') {
      if (signed) report(at, 'must have a key like the other mirrors of this source: {url, key}');
    } else if (!keys.includes(one.key)) report([...at, 'key'], unknownName('key', one.key, keys));
  }
}
