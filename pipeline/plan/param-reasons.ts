import type { FileRef } from './params.ts';

type Plain = Readonly<Record<string, unknown>>;

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isFileRef(value: unknown): value is FileRef {
  return isPlain(value) && typeof value.path === 'string' && typeof value.sha256 === 'string' && 'root' in value;
}

function plain(value: unknown): Plain {
  return isPlain(value) ? value : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function same(a: unknown, b: unknown): boolean {
  if (isPlain(a) && isPlain(b)) return keysOf(a, b).every((key) => same(a[key], b[key]));
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => same(item, b[at]));
  return a === b;
}

function keysOf(a: Plain, b: Plain): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
}

function show(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `patch 0001-x.patch changed`, `script a.sh added`. */
function fileReasons(what: string, before: unknown, now: unknown): string[] {
  const digests = (value: unknown) =>
    new Map(
      list(value)
        .filter(isFileRef)
        .map((ref) => [ref.path, ref.sha256]),
    );
  const [old, current] = [digests(before), digests(now)];
  const reasons = [...new Set([...old.keys(), ...current.keys()])].sort().flatMap((path) => {
    const name = `${what} ${path.slice(path.lastIndexOf('/') + 1)}`;
    if (!old.has(path)) return [`${name} added`];
    if (!current.has(path)) return [`${name} removed`];
    return old.get(path) === current.get(path) ? [] : [`${name} changed`];
  });
  return reasons.length === 0 && !same(before, now) ? [`order of the ${what} list changed`] : reasons;
}

function configReasons(before: unknown, now: unknown): string[] {
  const [old, current] = [plain(before), plain(now)];
  const [oldValues, values] = [plain(old.values), plain(current.values)];
  const reasons = keysOf(oldValues, values)
    .filter((name) => !same(oldValues[name], values[name]))
    .map((name) => `config ${name}: ${show(oldValues[name])} -> ${show(values[name])}`);
  if (isPlain(before) && isPlain(now)) {
    reasons.push(...otherReasons('config', { ...before, values: null }, { ...now, values: null }));
  }
  return reasons.length > 0 ? reasons : [`config ${isPlain(now) ? 'added' : 'removed'}`];
}

function editReasons(before: unknown, now: unknown): string[] {
  const byFile = (value: unknown) => {
    const edits = new Map<string, unknown[]>();
    for (const edit of list(value)) {
      const file = show(plain(edit).file);
      edits.set(file, [...(edits.get(file) ?? []), edit]);
    }
    return edits;
  };
  const [old, current] = [byFile(before), byFile(now)];
  return [...new Set([...old.keys(), ...current.keys()])]
    .sort()
    .filter((file) => !same(old.get(file), current.get(file)))
    .map((file) => `edit of ${file} changed`);
}

function otherReasons(path: string, before: unknown, now: unknown): string[] {
  if (same(before, now)) return [];
  if (isFileRef(before) || isFileRef(now)) return fileReasons('file', before ? [before] : [], now ? [now] : []);
  if (isPlain(before) && isPlain(now)) {
    return keysOf(before, now).flatMap((key) => otherReasons(`${path}.${key}`, before[key], now[key]));
  }
  if (Array.isArray(before) && Array.isArray(now)) {
    const added = now.filter((item) => !before.some((other) => same(item, other)));
    const removed = before.filter((item) => !now.some((other) => same(item, other)));
    const twins = twinsOf(removed, added);
    if (twins.length > 0) {
      const rest = (items: readonly unknown[]) => items.filter((item) => !twins.some((pair) => pair.includes(item)));
      return [
        ...twins.flatMap(([old, item]) => otherReasons(`${path} ${nameOf(item) ?? ''}`, old, item)),
        ...otherReasons(path, rest(before), rest(now)),
      ];
    }
    const reasons = [
      ...removed.map((item) => `${path}: ${show(item)} removed`),
      ...added.map((item) => `${path}: ${show(item)} added`),
    ];
    return reasons.length > 0 ? reasons : [`order of ${path} changed`];
  }
  return [`${path}: ${show(before)} -> ${show(now)}`];
}

/** What tells an item of a list from the others: a path, a key, a name. */
function nameOf(item: unknown): string | undefined {
  const { path, id, key, name } = plain(item);
  return [path, id, key, name].find((one) => typeof one === 'string');
}

/** Items that are in both lists by the same name, and differ. */
function twinsOf(before: readonly unknown[], now: readonly unknown[]): (readonly [unknown, unknown])[] {
  return before.flatMap((old) => {
    const others = now.filter((item) => nameOf(item) !== undefined && nameOf(item) === nameOf(old));
    const own = before.filter((item) => nameOf(item) === nameOf(old));
    return others.length === 1 && own.length === 1 ? [[old, others[0]] as const] : [];
  });
}

/** What changed between two versions of a step's params, as short phrases, in the order of the names. */
export function paramReasons(before: unknown, now: unknown): string[] {
  const [old, current] = [plain(before), plain(now)];
  return keysOf(old, current).flatMap((key) => {
    const [a, b] = [old[key], current[key]];
    if (same(a, b)) return [];
    switch (key) {
      case 'scripts':
        return fileReasons('script', a, b);
      case 'hostScripts':
        return keysOf(plain(a), plain(b)).flatMap((name) =>
          fileReasons(`part of ${name}:`, plain(a)[name], plain(b)[name]),
        );
      case 'files':
      case 'context':
        return fileReasons('file', a, b);
      case 'edits':
        return editReasons(a, b);
      case 'config':
      case 'configSet':
      case 'configAdd':
      case 'configOverride':
        return configReasons(a, b);
      case 'patches': {
        const rest = (value: unknown) => (isPlain(value) ? { ...value, files: null } : undefined);
        const how = isPlain(a) && isPlain(b) ? otherReasons('patches', rest(a), rest(b)) : [];
        return [...fileReasons('patch', plain(a).files ?? [], plain(b).files ?? []), ...how];
      }
      default:
        return otherReasons(key, a, b);
    }
  });
}
