import type { StepForecast } from './explain.ts';
import { editsText } from './render-edits.ts';
import type { Plan } from './step.ts';

/** `-`, `0.4 s`, `12 s`, `3 m 05 s`, `1 h 02 m`. */
export function showMs(ms: number | null): string {
  if (ms === null) return '-';
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const two = (value: number) => String(value).padStart(2, '0');
  if (minutes < 60) return `${minutes} m ${two(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} m`;
}

/** Columns two spaces apart, each as wide as its widest cell; the last is not padded. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function firstOf(reasons: readonly string[]): string {
  const [first = '', ...more] = reasons;
  return more.length === 0 ? first : `${first} (+${more.length} more)`;
}

function summary(steps: readonly StepForecast[]): string {
  const count = (state: StepForecast['state']) => steps.filter((step) => step.state === state).length;
  const [running, maybe] = [count('will run'), count('may run')];
  const parts = [`${running} will run`, ...(maybe > 0 ? [`${maybe} may run`] : []), `${count('cached')} cached`];
  const known = steps.filter((step) => step.state !== 'cached' && step.lastMs !== null);
  const ms = known.reduce((sum, step) => sum + (step.lastMs ?? 0), 0);
  const last = known.length > 0 ? `; last time they took ${showMs(ms)} one after another` : '';
  return `${steps.length} steps: ${parts.join(', ')}${last}`;
}

/** The text of `factory plan`: what is edited in source packages, then a table of the steps. */
export function planText(plan: Plan, steps: readonly StepForecast[]): string {
  const shown = new Set(steps.map(({ id }) => id));
  const edits = editsText(plan.steps.filter(({ id }) => shown.has(id)));
  const titles = new Map(plan.steps.map(({ id, title }) => [id, title]));
  const rows = steps.map(({ id, state, reasons, lastMs }) => [
    id,
    state,
    showMs(lastMs),
    reasons.length > 0 ? firstOf(reasons) : (titles.get(id) ?? ''),
  ]);
  return `${edits === '' ? '' : `${edits}\n\n`}${table([['STEP', 'STATE', 'LAST TIME', 'WHY'], ...rows])}\n\n${plan.recipe}: ${summary(steps)}\n`;
}

/** The text of `factory explain`: all reasons of every step given. */
export function explainText(steps: readonly StepForecast[]): string {
  if (steps.length === 0) return 'Nothing would run: everything is made already.\n';
  return steps
    .map(({ id, state, reasons, lastMs }) => {
      const last = lastMs === null ? '' : `, took ${showMs(lastMs)} the last time`;
      return [`${id}: ${state}${last}`, ...reasons.map((reason) => `  - ${reason}`)].join('\n');
    })
    .join('\n')
    .concat('\n');
}
