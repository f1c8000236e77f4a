// eslint-disable-next-line no-control-regex -- terminal sequences are control characters
const SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;
// eslint-disable-next-line no-control-regex -- the C0 and C1 controls, and the marks that reverse the reading direction
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * One line of foreign text (a log line, a file name) made harmless for a terminal: no colours, cursor movements, line
 * breaks or bidirectional overrides; tabs become two spaces, so that the width is the number of characters.
 */
export function plainText(text: string): string {
  return text.replaceAll(SEQUENCES, '').replaceAll('\t', '  ').replaceAll(CONTROLS, '');
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML and SVG: for element content and for quoted attributes. Control characters that XML forbids go. */
export function escapeHtml(text: string): string {
  return text
    .split('\n')
    .map(plainText)
    .join('\n')
    .replaceAll(/[&<>"']/g, (character) => HTML[character] ?? '');
}

/** One line of text for a Markdown paragraph or table cell: no markup, no HTML, no links, no mentions. */
export function escapeMarkdown(text: string): string {
  return plainText(text.replaceAll(/\s*\n\s*/g, ' '))
    .replaceAll(/[&<>]/g, (character) => HTML[character] ?? '')
    .replaceAll(/[\\`*_{}[\]()#+!|~$]/g, String.raw`\$&`)
    .replaceAll(/@(?=\w)/g, '@\u200b')
    .replaceAll(/\b(https?|www)(?=[:.])/g, '$1\u200b');
}

/** Text as a Markdown code span: the fence is longer than any run of backticks in it. */
export function markdownCode(text: string): string {
  const plain = plainText(text.replaceAll('\n', ' '));
  const longest = Math.max(0, ...[...plain.matchAll(/`+/g)].map((run) => run[0].length));
  const fence = '`'.repeat(longest + 1);
  const pad = plain === '' || plain.startsWith('`') || plain.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${plain}${pad}${fence}`;
}

/** Cuts to at most `width` characters, with an ellipsis when something was cut; width 0 gives nothing. */
export function truncate(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  return width < 1 ? '' : `${characters.slice(0, width - 1).join('')}…`;
}

/** Cuts in the middle: names often differ at their ends. */
export function truncateMiddle(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width || width < 3) return truncate(text, width);
  const end = Math.floor((width - 1) / 2);
  return `${characters.slice(0, width - 1 - end).join('')}…${characters.slice(-end).join('')}`;
}
