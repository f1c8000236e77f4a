import type { Path, YamlDocument } from './document.ts';

/** Where a value stands. */
interface Place {
  readonly document: YamlDocument;
  readonly path: Path;
}

/** A value of one recipe.yaml, or of several on top of each other, each part of which knows where it stands. */
export type Layered = LayeredMap | LayeredList | (Place & { readonly kind: 'scalar'; readonly value: unknown });
export interface LayeredMap extends Place {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Layered>;
}
export interface LayeredList extends Place {
  readonly kind: 'list';
  readonly items: readonly Layered[];
}

/** A document by itself, as what others can be laid on. */
export function layeredOf(document: YamlDocument, data: unknown = document.data, path: Path = []): Layered {
  if (Array.isArray(data)) {
    const items = data.map((item: unknown, index) => layeredOf(document, item, [...path, index]));
    return { kind: 'list', document, path, items };
  }
  if (typeof data !== 'object' || data === null) return { kind: 'scalar', document, path, value: data };
  const entries = new Map(
    Object.entries(data).map(([key, value]) => [key, layeredOf(document, value, [...path, key])]),
  );
  return { kind: 'map', document, path, entries };
}

/** The plain data of a layered value. */
function dataOf(value: Layered): unknown {
  if (value.kind === 'scalar') return value.value;
  if (value.kind === 'list') return value.items.map(dataOf);
  return Object.fromEntries([...value.entries].map(([key, inner]) => [key, dataOf(inner)]));
}

/**
 * The file and the place in it of a path: of the value, or of the nearest thing above it that is there, in the file of the recipe on
 * top (where `null` has taken the value away, it stands there).
 */
function placeOf(root: Layered, path: Path): { readonly found: Layered | undefined; readonly place: Place } {
  let node = root;
  for (const [index, part] of path.entries()) {
    const next = node.kind === 'map' ? node.entries.get(String(part)) : undefined;
    const inside = next ?? (node.kind === 'list' ? node.items[Number(part)] : undefined);
    if (inside === undefined) {
      const { document } = node;
      return { found: undefined, place: { document, path: [...node.path, ...path.slice(index)] } };
    }
    node = inside;
  }
  return { found: node, place: node };
}

/** Several documents as one: every problem is told in the file, and at the line, where the value stands. */
export function layeredDocument(root: Layered): YamlDocument {
  return {
    data: dataOf(root),
    problems: [],
    problem(path, message, at) {
      const { place } = placeOf(root, path);
      return place.document.problem(place.path, message, at);
    },
    sourceOf(path) {
      const { found } = placeOf(root, path);
      return found?.document.sourceOf(found.path);
    },
  };
}

/** The same document, with the name of its file in every problem. */
export function inFile(document: YamlDocument, file: string): YamlDocument {
  return { ...document, problem: (path, message, at) => ({ ...document.problem(path, message, at), file }) };
}
