import { meant } from '../plan/similar.ts';
import type { Problem } from '../run/failure.ts';
import type { Path } from './document.ts';
import type { Layered, LayeredList, LayeredMap } from './layered.ts';
import { listRule } from './merge-lists.ts';

/** How the recipe below is called, and where problems of the one on top go. */
interface Merging {
  readonly base: string;
  readonly problems: Problem[];
}

/**
 * A recipe on top of the one that it extends. Maps merge key by key, `null` takes a key away, everything else replaces; lists
 * replace but for those in merge-lists.ts. A map of another `kind` is another thing: it replaces.
 */
export function merge(below: Layered, above: Layered, merging: Merging, path: Path = []): Layered {
  if (below.kind === 'map' && above.kind === 'map') {
    const kinds = [below, above].map((one) => scalarOf(one, 'kind'));
    const isOther = !kinds.includes(undefined) && kinds[0] !== kinds[1];
    return isOther ? above : maps(below, above, merging, path);
  }
  if (below.kind === 'list' && above.kind === 'list') return lists(below, above, merging, path);
  return above;
}

function maps(below: LayeredMap, above: LayeredMap, merging: Merging, path: Path): LayeredMap {
  const entries = new Map(below.entries);
  for (const [key, value] of above.entries) {
    const old = below.entries.get(key);
    if (value.kind !== 'scalar' || value.value !== null) {
      entries.set(key, old === undefined ? value : merge(old, value, merging, [...path, key]));
    } else if (old !== undefined) {
      entries.delete(key);
    } else {
      const names = [...below.entries.keys()];
      const message = `null takes "${key}" away, but ${merging.base} has none; it has: ${names.join(', ')}${meant(key, names)}`;
      merging.problems.push(above.document.problem(value.path, message, 'key'));
    }
  }
  return { ...above, entries };
}

function lists(below: LayeredList, above: LayeredList, merging: Merging, path: Path): LayeredList {
  const rule = listRule(path);
  if (rule === undefined) return above;
  if (rule === 'after') return { ...above, items: [...below.items, ...above.items] };
  const items = [...below.items];
  for (const item of above.items) {
    // Among those below: what is here twice stays twice, for the rules to find.
    const isTwin = (old: Layered) => rule.every((field) => isSame(scalarOf(old, field), scalarOf(item, field)));
    const same = below.items.findIndex((old, index) => isTwin(old) && items[index] === old);
    const old = below.items[same];
    if (old === undefined) items.push(item);
    else items[same] = merge(old, item, merging, [...path, same]);
  }
  return { ...above, items };
}

function isSame(one: unknown, other: unknown): boolean {
  return one !== undefined && one === other;
}

function scalarOf(value: Layered, field: string): unknown {
  const inner = value.kind === 'map' ? value.entries.get(field) : undefined;
  return inner?.kind === 'scalar' ? inner.value : undefined;
}
