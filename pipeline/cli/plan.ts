import { differencesText } from '../plan/render-differences.ts';
import { explainText, planText } from '../plan/render.ts';
import { forecast, type StepForecast } from '../plan/explain.ts';
import { EXIT } from '../run/exit-code.ts';
import { stages } from '../stages/index.ts';
import { targetSteps } from '../plan/targets.ts';
import { differencesOf } from './differences.ts';
import { printMatrix } from './matrix.ts';
import type { OwnOptions } from './program.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory plan`: every step that the targets need, what it would do and why; with `--matrix` the jobs of a CI system instead. Runs
 * nothing and needs no engine. For a recipe that extends another one, first in what it differs from that.
 */
export async function plan(
  world: World,
  options: CommonOptions,
  _args: readonly string[],
  { matrix = false }: OwnOptions,
): Promise<number> {
  const session = await openSession(world, options);
  if (matrix) return printMatrix(session);
  const steps = await forecasts(session);
  const differs = await differencesOf(session.read);
  const before = differs === undefined ? '' : `${differencesText(differs)}\n\n`;
  const text = options.json
    ? JSON.stringify({ recipe: session.plan.recipe, differs, steps: withPlan(session, steps) })
    : before + planText(session.plan, steps);
  world.stdout.write(`${text.trimEnd()}\n`);
  return EXIT.ok;
}

/** `factory explain [step...]`: for the named steps, or for all that would run: which input changed. */
export async function explain(world: World, options: CommonOptions, ids: readonly string[]): Promise<number> {
  const session = await openSession(world, options);
  const all = await forecasts({
    ...session,
    options: { ...options, only: options.only.length === 0 ? ['publish'] : options.only },
  });
  if (ids.length > 0) targetSteps(session.plan, session.recipe, ids);
  const chosen =
    ids.length > 0 ? all.filter(({ id }) => ids.includes(id)) : all.filter(({ state }) => state !== 'cached');
  world.stdout.write(`${(options.json ? JSON.stringify(chosen) : explainText(chosen)).trimEnd()}\n`);
  return EXIT.ok;
}

async function forecasts(session: Session): Promise<readonly StepForecast[]> {
  const { plan: whole, recipe, options, ledger, tools } = session;
  return forecast(whole, targetSteps(whole, recipe, options.only), {
    stages,
    record: (key) => ledger.get(key),
    latest: (step) => ledger.latest(step),
    has: (digest, size) => tools.store.has(digest, size),
  });
}

function withPlan(session: Session, steps: readonly StepForecast[]): unknown[] {
  const byId = new Map(session.plan.steps.map((step) => [step.id, step]));
  return steps.map((one) => ({ ...byId.get(one.id), ...one }));
}
