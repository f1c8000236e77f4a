/** One patch of a series file, with its line. */
export interface SeriesEntry {
  readonly name: string;
  readonly line: number;
}

/** Reads a series file as quilt writes it: one patch per line; empty lines and what follows a `#` do not count. */
export function parseSeries(text: string): SeriesEntry[] {
  return text.split('\n').flatMap((raw, index) => {
    const name = raw.replace(/(^|\s)#.*$/, '').trim();
    return name === '' ? [] : [{ name, line: index + 1 }];
  });
}

/** What every patch says about itself before its first diff, in this order of asking. */
const PATCH_FIELDS = ['Origin', 'Reason', 'Upstream-status'] as const;

/** What a patch's header lacks, and the line at which its header ends (1-based). */
export function patchHeader(text: string): { readonly missing: readonly string[]; readonly end: number } {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => /^(diff |--- |Index: |\+\+\+ )/.test(line) && line !== '---');
  const header = start < 0 ? lines : lines.slice(0, start);
  const missing = PATCH_FIELDS.filter((field) => !header.some((line) => new RegExp(`^${field}: *\\S`).test(line)));
  return { missing, end: Math.max(1, start < 0 ? 1 : start) };
}

/** What a patch says it does: its subject without `[PATCH]`, on one line; null when it has none. */
export function patchSubject(text: string): string | null {
  const [, subject] = /^Subject: *(.*(?:\n[ \t]+.*)*)/m.exec(text) ?? [];
  const words = subject
    ?.replace(/\s+/g, ' ')
    .replace(/^\[PATCH[^\]]*\] */, '')
    .trim();
  return words === undefined || words === '' ? null : words;
}
