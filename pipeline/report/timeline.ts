import { escapeHtml, truncate, truncateMiddle } from './escape.ts';
import type { RunSummary, StepSummary } from './summary.ts';
import { timelineStyle } from './timeline-style.ts';
import { ticks } from './timeline-axis.ts';
import { formatDuration, plural } from './units.ts';

const WIDTH = 1000;
const ROW = 26;
const BAR = 14;
const TOP = 34;
const BOTTOM = 14;
/** Average width of a character of 12 px sans-serif; labels are cut by it, because an SVG cannot measure text. */
const CHARACTER = 6.7;
const MAX_LABEL = 34;
/** Room at the right end, for the duration beside a bar that reaches the end. */
const RIGHT = 64;

/** Where things are across: labels left of `left`, time from there over `width`. */
interface Frame {
  readonly left: number;
  readonly width: number;
  readonly total: number;
}

/**
 * The run as a Gantt chart: one row per step that ran, with its phases; what came from the store as thin marks in one row.
 * A self-contained SVG for light and dark surroundings: no scripts, no fonts, no addresses.
 */
export function timelineSvg(summary: RunSummary): string {
  const ran = summary.steps.filter((step) => step.state === 'made' || step.state === 'failed');
  const cached = summary.steps.filter((step) => step.state === 'cached');
  const cachedLabel = `${cached.length} from the store`;
  const labels = [...ran.map((step) => step.id), ...(cached.length > 0 ? [cachedLabel] : [])];
  const longest = Math.max(8, ...labels.map((label) => Math.min(MAX_LABEL, label.length)));
  const left = Math.ceil(longest * CHARACTER) + 20;
  const frame: Frame = { left, width: WIDTH - left - RIGHT, total: Math.max(1, endOf(summary)) };
  const rows = [
    ...(cached.length > 0 ? [cachedRow(cached, cachedLabel, frame)] : []),
    ...[...ran].sort((a, b) => a.startMs - b.startMs).map((step) => stepRow(step, frame)),
  ];
  const height = TOP + Math.max(1, rows.length) * ROW + BOTTOM;
  const title = `Timeline of run ${summary.runId}: ${plural(ran.length, 'step')} in ${formatDuration(summary.ms)}`;
  return [
    `<svg class="tl" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeHtml(title)}">`,
    `<style>${timelineStyle}</style>`,
    `<rect class="tl-back" width="${WIDTH}" height="${height}" rx="8"/>`,
    axis(frame, height),
    rows.length === 0
      ? `<text class="tl-label" x="${WIDTH / 2}" y="${TOP + ROW / 2 + 4}" text-anchor="middle">no step ran</text>`
      : rows.map((row, index) => `<g transform="translate(0 ${TOP + index * ROW})">${row}</g>`).join('\n'),
    '</svg>',
    '',
  ].join('\n');
}

/** Steps may end a little after the run's own clock was read. */
function endOf(summary: RunSummary): number {
  return Math.max(summary.ms, ...summary.steps.map((step) => step.startMs + step.ms));
}

function axis(frame: Frame, height: number): string {
  return ticks(frame.total)
    .map(({ ms, label }) => {
      const x = at(ms, frame);
      return `<line class="tl-grid" x1="${x}" x2="${x}" y1="${TOP - 8}" y2="${height - BOTTOM + 4}"/><text class="tl-tick" x="${x}" y="${TOP - 14}" text-anchor="middle">${label}</text>`;
    })
    .join('\n');
}

function stepRow(step: StepSummary, frame: Frame): string {
  const x = at(step.startMs, frame);
  const width = barWidth(step.ms, frame);
  const duration = formatDuration(step.ms);
  const y = (ROW - BAR) / 2;
  const tip = `${step.id} (${step.state}): ${duration}${step.why === '' ? '' : `; ${step.why}`}`;
  return [
    `<title>${escapeHtml(tip)}</title>`,
    label(step.id),
    `<rect class="tl-bar tl-${step.state}" x="${x}" y="${y}" width="${width}" height="${BAR}" rx="3"/>`,
    ...step.phases.slice(1).map((phase) => phaseMark(phase.startMs, frame, y)),
    ...step.phases.map((phase) => phaseName(phase, frame, y)),
    `<text class="tl-time" x="${round(x + width + 6)}" y="${ROW / 2 + 4}">${duration}</text>`,
  ].join('');
}

function phaseMark(startMs: number, frame: Frame, y: number): string {
  const x = at(startMs, frame);
  return `<line class="tl-phase" x1="${x}" x2="${x}" y1="${y}" y2="${y + BAR}"/>`;
}

/** A phase's name inside the bar, when there is room for all of it. */
function phaseName(
  phase: { readonly name: string; readonly startMs: number; readonly ms: number },
  frame: Frame,
  y: number,
): string {
  const room = (phase.ms / frame.total) * frame.width - 8;
  const name = truncate(phase.name, MAX_LABEL);
  const tip = `<title>${escapeHtml(`${phase.name}: ${formatDuration(phase.ms)}`)}</title>`;
  if (name.length * 6 > room) return '';
  return `<text class="tl-name" x="${round(at(phase.startMs, frame) + 5)}" y="${y + BAR - 3.5}">${tip}${escapeHtml(name)}</text>`;
}

function cachedRow(steps: readonly StepSummary[], text: string, frame: Frame): string {
  const marks = steps.map(
    (step) =>
      `<rect class="tl-cached" x="${at(step.startMs, frame)}" y="${(ROW - BAR) / 2}" width="2" height="${BAR}"><title>${escapeHtml(`${step.id}: from the store`)}</title></rect>`,
  );
  return label(text) + marks.join('');
}

function label(text: string): string {
  return `<text class="tl-label" x="12" y="${ROW / 2 + 4}">${escapeHtml(truncateMiddle(text, MAX_LABEL))}</text>`;
}

function at(ms: number, { left, width, total }: Frame): number {
  return round(left + (ms / total) * width);
}

/** Never thinner than can be seen. */
function barWidth(ms: number, { width, total }: Frame): number {
  return round(Math.max(3, (ms / total) * width));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
