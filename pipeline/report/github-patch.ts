/** A place in a patch file: the line of a hunk or of a line that it adds; line counts from 1. */
interface Hunk {
  /** Path of the patched file as after `+++ b/`. */
  readonly file: string;
  /** Its `@@` line as it stands. */
  readonly header: string;
  readonly line: number;
  readonly newStart: number;
  /** Lines of the hunk's body. */
  readonly body: readonly string[];
}

/**
 * Line of a patch where a rejected hunk begins. `hunk` is what patch(1) says (`#2 at 120`), or the `@@` line of the reject
 * file; where neither is found, the first hunk for that file, else the first line of the patch.
 */
export function rejectedLine(patch: string, file: string, hunk: string, reject: readonly string[]): number {
  const ofFile = hunksOf(patch).filter((one) => isSame(one.file, file));
  const ranges = [hunk, ...reject].flatMap((line) => RANGE.exec(line)?.[0] ?? []);
  const byRange = ofFile.find(({ header }) => ranges.some((range) => header.startsWith(range)));
  const number = Number(/^#(\d+)/.exec(hunk)?.[1]);
  return (byRange ?? ofFile[number - 1] ?? ofFile[0])?.line ?? 1;
}

/**
 * Line of a patch that is line `line` of the patched file; undefined when no hunk covers it. Exact for the last patch that
 * touches the file: later ones may have moved what earlier ones wrote.
 */
export function patchedLine(patch: string, file: string, line: number): number | undefined {
  for (const { file: patched, newStart, body, line: header } of hunksOf(patch)) {
    if (!isSame(patched, file)) continue;
    let here = newStart;
    for (const [index, text] of body.entries()) {
      if (text.startsWith('-')) continue;
      if (here === line) return header + 1 + index;
      here += 1;
    }
  }
  return undefined;
}

/** Line of a patch that adds a Kconfig symbol (`CONFIG_X`); 1 when none does. */
export function kconfigLine(patch: string, symbol: string): number {
  const name = symbol.replace(/^CONFIG_/, '');
  const index = patch.split('\n').findIndex((line) => new RegExp(`^\\+\\s*(?:menu)?config\\s+${name}\\s*$`).test(line));
  return index < 0 ? 1 : index + 1;
}

const RANGE = /@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@/;

function hunksOf(patch: string): Hunk[] {
  const hunks: { file: string; header: string; line: number; newStart: number; body: string[] }[] = [];
  let file = '';
  // Lines of the hunk that are still to come, old and new: a removed line may look like a header.
  let [oldLeft, newLeft] = [0, 0];
  for (const [index, text] of patch.split('\n').entries()) {
    if (oldLeft > 0 || newLeft > 0) {
      hunks.at(-1)?.body.push(text);
      if (!text.startsWith('+') && !text.startsWith('\\')) oldLeft -= 1;
      if (!text.startsWith('-') && !text.startsWith('\\')) newLeft -= 1;
      continue;
    }
    file = /^\+\+\+ (?:b\/)?(\S+)/.exec(text)?.[1] ?? file;
    const [, oldCount = '1', start = '1', newCount = '1'] =
      /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text) ?? [];
    if (!text.startsWith('@@ ')) continue;
    hunks.push({ file, header: text, line: index + 1, newStart: Number(start), body: [] });
    [oldLeft, newLeft] = [Number(oldCount), Number(newCount)];
  }
  return hunks;
}

/** patch(1) names files below the directory where it runs, compilers below theirs: one may have more words in front. */
function isSame(a: string, b: string): boolean {
  return a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}
