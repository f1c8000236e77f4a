/** Edits (insert, delete, replace, swap of neighbours) that turn one text into the other. */
export function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

/** The candidate that a misspelt name most likely means; undefined when none is near. */
export function didYouMean(name: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(name.length / 3));
  const near = candidates
    .map((candidate) => ({ candidate, edits: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= limit || (name.length > 2 && candidate.startsWith(name)))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.candidate;
}

/** `; did you mean "x"?`, or nothing when no candidate is near. */
export function meant(name: string, candidates: readonly string[]): string {
  const candidate = didYouMean(name, candidates);
  return candidate === undefined ? '' : `; did you mean "${candidate}"?`;
}
