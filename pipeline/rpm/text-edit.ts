import type { Edit } from '../plan/params.ts';
import { distance } from '../plan/similar.ts';
import { FactoryError } from '../run/failure.ts';

/** Up to three lines that the wanted one may have meant, nearest first, each as `12: text`. */
function nearLines(lines: readonly string[], wanted: string): string[] {
  const limit = Math.ceil(wanted.length / 2);
  return lines
    .map((text, index) => ({ text, number: index + 1 }))
    .filter(({ text }) => text !== wanted && Math.abs(text.length - wanted.length) <= limit)
    .map((line) => ({ ...line, edits: distance(line.text, wanted) }))
    .filter(({ edits }) => edits <= limit)
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ text, number }) => `${number}: ${text}`);
}

/** The index of the one line that `matches`; EditMismatch when there is none or more than one. */
export function onlyLine(
  file: string,
  lines: readonly string[],
  wanted: string,
  matches: (line: string) => boolean = (line) => line === wanted,
): number {
  const found = lines.flatMap((line, index) => (matches(line) ? [index] : []));
  const [index] = found;
  if (index !== undefined && found.length === 1) return index;
  throw new FactoryError({
    kind: 'EditMismatch',
    file,
    line: wanted,
    matches: found.map((at) => at + 1),
    near: found.length > 0 ? [] : nearLines(lines, wanted),
  });
}

/** A text by its name; EditMismatch (for the wanted line) when there is no such file. */
export function textOf(files: ReadonlyMap<string, string>, file: string, wanted: string): string {
  const text = files.get(file);
  if (text !== undefined) return text;
  const near = [...files.keys()].map((name) => `file: ${name}`).slice(0, 3);
  throw new FactoryError({ kind: 'EditMismatch', file, line: wanted, matches: [], near });
}

function edited(text: string, edit: Edit): string {
  const lines = text.split('\n');
  const index = onlyLine(edit.file, lines, edit.line);
  switch (edit.op) {
    case 'replace':
      lines[index] = edit.with;
      break;
    case 'insert-before':
      lines.splice(index, 0, ...edit.text.replace(/\n$/, '').split('\n'));
      break;
    case 'insert-after':
      lines.splice(index + 1, 0, ...edit.text.replace(/\n$/, '').split('\n'));
      break;
  }
  return lines.join('\n');
}

/**
 * Applies edits one after another; the files given are left as they are. Every edit must match exactly one whole line of
 * what the edits before it made, else EditMismatch with what was found instead.
 */
export function applyEdits(files: ReadonlyMap<string, string>, edits: readonly Edit[]): Map<string, string> {
  const result = new Map(files);
  for (const edit of edits) result.set(edit.file, edited(textOf(result, edit.file, edit.line), edit));
  return result;
}
