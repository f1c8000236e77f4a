import { truncate } from './escape.ts';

/** How a table is laid out. */
export interface TextTableOptions {
  /** Indexes of the columns that are aligned to the right (numbers). */
  readonly right?: readonly number[];
  /** No line gets wider than this many characters; the widest column is cut. Default: as wide as it needs. */
  readonly width?: number;
}

/** Rows as aligned columns, two spaces apart, below a headline; no trailing blanks. Lines, headline first. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  options: TextTableOptions = {},
): string[] {
  const all = [head, ...rows];
  const widths = fit(
    head.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))),
    options.width ?? Infinity,
  );
  const right = new Set(options.right ?? []);
  return all.map((row) =>
    widths
      .map((width, column) => {
        const cell = truncate(row[column] ?? '', width);
        return right.has(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Takes from the widest column, one character at a time, until the row fits. */
function fit(widths: number[], total: number): number[] {
  const fitted = [...widths];
  const sum = (): number => fitted.reduce((a, b) => a + b, 0) + 2 * (fitted.length - 1);
  while (sum() > total) {
    const widest = Math.max(...fitted);
    if (widest <= 1) break;
    fitted[fitted.indexOf(widest)] = widest - 1;
  }
  return fitted;
}
