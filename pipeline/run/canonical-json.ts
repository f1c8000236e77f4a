/**
 * JSON with sorted keys and no spaces: equal values give equal text, whatever order they were made in. Throws a TypeError
 * on what JSON would drop or change silently (undefined, functions, NaN, symbols, bigints, dates and other objects).
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$');
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, index) => write(item, `${path}[${index}]`)).join(',')}]`;
  if (isPlain(value)) {
    const members = Object.keys(value)
      .sort()
      .map((name) => `${JSON.stringify(name)}:${write(value[name], `${path}.${name}`)}`);
    return `{${members.join(',')}}`;
  }
  throw new TypeError(`not JSON at ${path}: ${typeof value}`);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
