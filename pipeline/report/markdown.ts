import { escapeMarkdown, markdownCode } from './escape.ts';
import { factLine } from './facts.ts';
import { countStates, packagesOf } from './summary.ts';
import type { FailureSummary, RunSummary } from './summary.ts';
import { formatBytes, formatDuration } from './units.ts';

/** A Markdown table; cells must be escaped already. `right`: indexes of right-aligned columns. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  // Even inside a code span a bare pipe would end the cell.
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll(/(?<!\\)\|/g, String.raw`\|`)).join(' | ')} |`;
  const rule = head.map((_, column) => (right.includes(column) ? '---:' : '---'));
  return [head, rule, ...rows].map(line).join('\n');
}

/** The run as Markdown: verdict, failures, packages, steps. For a job summary and for summary.md. */
export function markdownSummary(summary: RunSummary): string {
  const counts = Object.entries(countStates(summary))
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');
  const sections = [
    `## ${summary.ok ? '✅' : '❌'} ${escapeMarkdown(summary.recipe)}: ${summary.ok ? 'built' : 'not built'}`,
    `Run ${markdownCode(summary.runId)}, started ${summary.startedAt}, ${counts} in ${formatDuration(summary.ms)}.`,
    ...failures(summary),
    ...packages(summary),
    ...steps(summary),
    ...notes(summary),
  ];
  return `${sections.join('\n\n')}\n`;
}

function failures(summary: RunSummary): string[] {
  return summary.failures.length === 0 ? [] : ['### Failures', ...summary.failures.flatMap(failure)];
}

function failure({ step, short, detail, tail, advice, log }: FailureSummary): string[] {
  return [
    `**${escapeMarkdown(step)}**: ${escapeMarkdown(short)}`,
    ...(detail.length === 0 ? [] : [fenced(detail)]),
    ...(tail.length === 0 ? [] : [`Last lines of its output:`, fenced(tail)]),
    ...(log === null ? [] : [`Full log: ${markdownCode(log)}`]),
    advice.map((line) => `- ${inlineCode(line)}`).join('\n'),
  ];
}

function packages(summary: RunSummary): string[] {
  const rows = packagesOf(summary).map(({ name, size, digest }) => [
    markdownCode(name),
    formatBytes(size),
    markdownCode(digest.slice(0, 12)),
  ]);
  return rows.length === 0 ? [] : ['### Packages', markdownTable(['package', 'size', 'sha256'], rows, [1])];
}

function steps(summary: RunSummary): string[] {
  const rows = summary.steps.map(({ id, state, ms, facts }) => [
    markdownCode(id),
    state,
    ms > 0 ? formatDuration(ms) : '',
    escapeMarkdown(factLine(facts)),
  ]);
  return rows.length === 0 ? [] : ['### Steps', markdownTable(['step', 'state', 'time', 'facts'], rows, [2])];
}

function notes(summary: RunSummary): string[] {
  const lines = summary.notes.map(
    ({ level, step, message }) =>
      `- ${level === 'warning' ? '⚠️ ' : ''}${step === null ? '' : `${markdownCode(step)}: `}${escapeMarkdown(message)}`,
  );
  return lines.length === 0 ? [] : ['### Notes', lines.join('\n')];
}

/** Indented lines cannot end a fence, and ours is longer than any in the text. */
function fenced(lines: readonly string[]): string {
  const longest = Math.max(2, ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map((run) => run[0].length)));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines, fence].join('\n');
}

/** Our own sentences mark commands with backticks; everything between is escaped. */
function inlineCode(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? markdownCode(part) : escapeMarkdown(part)))
    .join('');
}
