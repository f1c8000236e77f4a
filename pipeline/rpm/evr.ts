/** Epoch, version and release of a package. No epoch is epoch 0. */
export interface Evr {
  readonly epoch: number;
  readonly version: string;
  readonly release: string;
}

/** Reads `[epoch:]version[-release]`; a missing release is ''. */
export function parseEvr(text: string): Evr {
  const [, epoch = '0', version = '', release = ''] = /^(?:(\d+):)?(.*?)(?:-([^-]*))?$/s.exec(text) ?? [];
  return { epoch: Number(epoch), version, release };
}

/** The rest of a version after its leading separators, split after its first run of digits or of letters. */
function cut(rest: string, run: RegExp): readonly [string, string] {
  const segment = run.exec(rest)?.[0] ?? '';
  return [segment, rest.slice(segment.length)];
}

/** Numbers of any length: by digits, then as text. */
function compareSegments(a: string, b: string, numeric: boolean): number {
  const [one, two] = numeric ? [a.replace(/^0+/, ''), b.replace(/^0+/, '')] : [a, b];
  if (numeric && one.length !== two.length) return one.length - two.length;
  return one < two ? -1 : one > two ? 1 : 0;
}

/**
 * Orders two versions or two releases exactly like rpm 4.8 (lib/rpmvercmp.c), which EL6 has: runs of digits or letters are
 * compared, everything else only separates. It is rpm's answer of any age for everything that a recipe may add to a release
 * (`releasePart` in recipe/schema-parts.ts). Newer rpms answer differently in two cases: `~` and `^` have a meaning of their
 * own there (since 4.10 and 4.15), so one and the same package would be older for one host and newer for the other, which
 * is why recipes allow neither; and of two that are otherwise equal the one with separators left over is newer only here.
 */
export function rpmvercmp(a: string, b: string): -1 | 0 | 1 {
  if (a === b) return 0;
  let one = a;
  let two = b;
  while (one !== '' && two !== '') {
    one = one.replace(/^[^A-Za-z0-9]+/, '');
    two = two.replace(/^[^A-Za-z0-9]+/, '');
    if (one === '' || two === '') break;
    const numeric = /^[0-9]/.test(one);
    const run = numeric ? /^[0-9]+/ : /^[A-Za-z]+/;
    const [left, leftRest] = cut(one, run);
    const [right, rightRest] = cut(two, run);
    // Different types: a number is newer than letters.
    if (right === '') return numeric ? 1 : -1;
    const order = compareSegments(left, right, numeric);
    if (order !== 0) return order < 0 ? -1 : 1;
    one = leftRest;
    two = rightRest;
  }
  if (one === '' && two === '') return 0;
  return one === '' ? -1 : 1;
}

/** Orders two packages: by epoch, then version, then release. */
export function compareEvr(a: Evr, b: Evr): number {
  return Math.sign(a.epoch - b.epoch) || rpmvercmp(a.version, b.version) || rpmvercmp(a.release, b.release);
}
