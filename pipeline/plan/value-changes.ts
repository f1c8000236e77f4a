import type { FileRef } from './params.ts';

/** A value that is another one. `path`: as in the recipe once it is read; null: there is none. */
export interface ValueChange {
  readonly path: string;
  readonly before: unknown;
  readonly now: unknown;
}
/** A file that is there, is not there any more, or has other bytes. */
export interface FileChange {
  readonly file: string;
  readonly change: 'added' | 'removed' | 'replaced';
}

type Plain = Readonly<Record<string, unknown>>;

/** What differs between two values of plain data; a file of ours is one thing, however much of it is another. */
export function valueChanges(
  path: string,
  before: unknown,
  now: unknown,
): readonly (ValueChange | (FileChange & { readonly path: string }))[] {
  if (isSame(before, now)) return [];
  const files = [before, now].map((value) => (isFileRef(value) ? [value] : []));
  if (files.flat().length > 0) {
    const [old = [], current = []] = files;
    return fileChanges(old, current).map((one) => ({ path, ...one }));
  }
  const inside = (key: string) => (path === '' ? key : `${path}.${key}`);
  if (isPlain(before) && isPlain(now)) {
    return keysOf(before, now).flatMap((key) => valueChanges(inside(key), before[key], now[key]));
  }
  if (isFileList(before) && isFileList(now)) return fileChanges(before, now).map((one) => ({ path, ...one }));
  const [old, current] = [before, now].map(byName);
  if (old !== undefined && current !== undefined) {
    const names = [...new Set([...old.keys(), ...current.keys()])];
    const inner = names.flatMap((name) => valueChanges(inside(name), old.get(name), current.get(name)));
    // None: the same entries in another order.
    if (inner.length > 0) return inner;
  } else if (Array.isArray(before) && Array.isArray(now)) {
    const without = (list: readonly unknown[], other: readonly unknown[]) =>
      list.filter((item) => !other.some((one) => isSame(item, one)));
    const inner = [
      ...without(before, now).map((item) => ({ path, before: item, now: null })),
      ...without(now, before).map((item) => ({ path, before: null, now: item })),
    ];
    if (inner.length > 0) return inner;
  }
  return [{ path, before: before ?? null, now: now ?? null }];
}

/** Which files of a list are new, gone, or other ones under the same path, in the order of the new list. */
export function fileChanges(before: readonly FileRef[], now: readonly FileRef[]): readonly FileChange[] {
  const [old, current] = [before, now].map((list) => new Map(list.map(({ path, sha256 }) => [path, sha256])));
  const removed = [...(old?.keys() ?? [])].filter((path) => current?.has(path) !== true);
  return [
    ...removed.map((file) => ({ file, change: 'removed' as const })),
    ...[...(current ?? [])].flatMap(([file, sha256]): readonly FileChange[] => {
      if (old?.has(file) !== true) return [{ file, change: 'added' }];
      return old.get(file) === sha256 ? [] : [{ file, change: 'replaced' }];
    }),
  ];
}

/** Whether two values of plain data mean the same. */
export function isSame(a: unknown, b: unknown): boolean {
  if (isPlain(a) && isPlain(b)) return keysOf(a, b).every((key) => isSame(a[key], b[key]));
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isSame(item, b[at]));
  return (a ?? null) === (b ?? null);
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFileRef(value: unknown): value is FileRef {
  return isPlain(value) && typeof value.path === 'string' && typeof value.sha256 === 'string' && 'root' in value;
}

function isFileList(value: unknown): value is readonly FileRef[] {
  return Array.isArray(value) && value.every(isFileRef);
}

function keysOf(a: Plain, b: Plain): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])];
}

/** The entries of a list by what tells each from the others; undefined for a list that has no such thing. */
function byName(value: unknown): Map<string, unknown> | undefined {
  if (!Array.isArray(value)) return undefined;
  const names = value.map((item: unknown) => {
    const { path, id, key, name, argument, feature } = isPlain(item) ? item : {};
    return [path, id, key, name, argument, feature].find((one) => typeof one === 'string');
  });
  if (names.includes(undefined) || new Set(names).size < names.length) return undefined;
  return new Map(value.map((item: unknown, index) => [names[index] ?? '', item]));
}
