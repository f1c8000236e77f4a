import { escapeMarkdown, markdownCode } from './escape.ts';
import { factLine } from './facts.ts';
import { markdownSummary, markdownTable } from './markdown.ts';
import type { RunSummary, StepSummary } from './summary.ts';
import { formatDuration } from './units.ts';

/** What a run published; undefined where it did not come to that, or the recipe has no such thing. */
export interface RunResult {
  readonly snapshot: string | undefined;
  /** Absolute path of the recipe's repository. */
  readonly repository: string | undefined;
  readonly pair: string | undefined;
}

/** A job summary that is larger GitHub refuses as a whole: 1 MiB per step. */
const MOST_BYTES = 1024 * 1024;
/** Width of the bars of the timeline, in characters. */
const WIDTH = 48;

/** What the run published, for the outputs of a job's step. `repository` is below `artifacts`. */
export function resultOf({ steps, recipe }: RunSummary, artifacts: string): RunResult {
  const factOf = (stage: string, name: string): string | undefined => {
    const fact = steps.find((step) => step.stage === stage && isDone(step))?.facts[name];
    return fact === undefined ? undefined : String(fact);
  };
  const snapshot = factOf('publish', 'snapshot');
  return {
    snapshot,
    repository: snapshot === undefined ? undefined : `${artifacts}/repository/${recipe}`,
    pair: factOf('verify-pair', 'pair'),
  };
}

/** The job summary: verdict, failures, packages, steps, then what was published, evidence and timeline. */
export function githubSummary(summary: RunSummary, { snapshot, pair }: RunResult): string {
  const published = [
    ...(snapshot === undefined ? [] : [`- snapshot ${markdownCode(snapshot)}`]),
    ...(pair === undefined ? [] : [`- pair ${markdownCode(pair)}`]),
  ];
  const sections = [
    markdownSummary(summary).trimEnd(),
    ...(published.length === 0 ? [] : ['### Result', published.join('\n')]),
    ...evidence(summary),
    ...timeline(summary),
  ];
  return bounded(`${sections.join('\n\n')}\n`, MOST_BYTES);
}

function evidence({ steps, artifacts }: RunSummary): string[] {
  const rows = steps
    .filter(({ stage }) => stage.startsWith('verify-') && stage !== 'verify-srpm')
    .map((step) => [
      markdownCode(step.id),
      verdict(step),
      escapeMarkdown(factLine(step.facts)),
      artifacts
        .filter((one) => one.step === step.id && one.kind === 'evidence')
        .map(({ name, digest }) => `${markdownCode(name)} ${markdownCode(digest.slice(0, 12))}`)
        .join(', '),
    ]);
  return rows.length === 0 ? [] : ['### Evidence', markdownTable(['check', 'outcome', 'facts', 'evidence'], rows)];
}

function verdict(step: StepSummary): string {
  return isDone(step) ? '✅ passed' : step.state === 'failed' ? '❌ failed' : 'not run';
}

const isDone = ({ state }: StepSummary): boolean => state === 'made' || state === 'cached';

/** One line per step that ran, in the order in which they started: a bar where on the run's time it was. */
function timeline(summary: RunSummary): string[] {
  const ran = summary.steps
    .filter(({ state }) => state === 'made' || state === 'failed')
    .sort((a, b) => a.startMs - b.startMs);
  if (ran.length === 0) return [];
  const end = Math.max(1, summary.ms, ...ran.map(({ startMs, ms }) => startMs + ms));
  const longest = Math.max(...ran.map(({ id }) => id.length));
  const lines = ran.map(({ id, startMs, ms, state }) => {
    const from = Math.min(WIDTH - 1, Math.floor((startMs / end) * WIDTH));
    const to = Math.min(WIDTH, Math.max(from + 1, Math.round(((startMs + ms) / end) * WIDTH)));
    const bar = `${' '.repeat(from)}${(state === 'failed' ? '▒' : '█').repeat(to - from)}`.padEnd(WIDTH);
    return `${id.padEnd(longest)} │${bar}│ ${formatDuration(ms)}${state === 'failed' ? ' failed' : ''}`;
  });
  return ['### Timeline', ['```text', ...lines, '```'].join('\n')];
}

/** Cuts whole lines off a text that is too large, and says so. */
function bounded(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const remark = '\n\n(cut: the whole summary is summary.md of the run)\n';
  const kept = Buffer.from(text)
    .subarray(0, most - Buffer.byteLength(remark))
    .toString('utf8');
  return kept.slice(0, kept.lastIndexOf('\n')) + remark;
}
