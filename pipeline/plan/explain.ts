import { identityOf, keyOf } from '../run/key.ts';
import type { Identity, StepRecord } from '../run/record.ts';
import { resolveInputs } from '../run/resolve.ts';
import { producersOf, selectSteps } from '../run/select.ts';
import type { Artifact, Sha256 } from './artifact.ts';
import { identityReasons } from './identity-reasons.ts';
import { paramReasons } from './param-reasons.ts';
import { handlesOf } from './step.ts';
import type { Plan, StageName, Step } from './step.ts';

/** What a run would do with one step. */
export interface StepForecast {
  readonly id: string;
  /**
   * `may run`: an input will be made again, and could come out identical. Nothing is asked of the engine, so an image
   * that somebody removed from it still counts as cached.
   */
  readonly state: 'cached' | 'will run' | 'may run';
  /** Empty for a cached step. */
  readonly reasons: readonly string[];
  /** How long it took the last time, in milliseconds; null: never made. */
  readonly lastMs: number | null;
}

/** What a forecast looks things up with. */
export interface Lookups {
  readonly stages: Readonly<Record<StageName, { readonly version: number }>>;
  /** The ledger's record of a key. */
  record(key: Sha256): Promise<StepRecord | undefined>;
  /** The ledger's latest record of a step id. */
  latest(stepId: string): Promise<StepRecord | undefined>;
  /** Whether the store has an object. */
  has(digest: Sha256, size: number): Promise<boolean>;
}

/** What every step would do that the targets (step ids) need, in plan order. Runs nothing. */
export async function forecast(plan: Plan, targets: readonly string[], lookups: Lookups): Promise<StepForecast[]> {
  const states = new Map<string, StepForecast>();
  const outputs = new Map<string, readonly Artifact[]>();
  for (const step of selectSteps(plan, targets).steps) {
    const latest = await lookups.latest(step.id);
    const lastMs = latest?.ms ?? null;
    const moving = producersOf(step).filter((id) => states.get(id)?.state !== 'cached');
    const found =
      moving.length > 0
        ? unsettled(step, moving, states, latest?.identity, lookups)
        : await settled(step, outputs, latest?.identity, lookups);
    if ('record' in found) outputs.set(step.id, found.record.outputs);
    const { state, reasons } = 'record' in found ? { state: 'cached' as const, reasons: [] } : found;
    states.set(step.id, { id: step.id, state, reasons, lastMs });
  }
  return [...states.values()];
}

type Found = { readonly record: StepRecord } | Pick<StepForecast, 'state' | 'reasons'>;

/** All inputs are known: so is the key. */
async function settled(
  step: Step,
  outputs: ReadonlyMap<string, readonly Artifact[]>,
  before: Identity | undefined,
  lookups: Lookups,
): Promise<Found> {
  const inputs = resolveInputs(step, (id) => outputs.get(id) ?? []);
  const identity = identityOf(step, lookups.stages[step.stage].version, inputs);
  const record = await lookups.record(keyOf(identity));
  if (record !== undefined) {
    const there = await Promise.all(record.outputs.map(({ digest, size }) => lookups.has(digest, size)));
    const lost = record.outputs.filter((_, index) => there[index] !== true);
    if (lost.length === 0) return { record };
    return { state: 'will run', reasons: lost.map(({ name }) => `output ${name} is not in the store any more`) };
  }
  const origin = (role: string, name: string) =>
    handlesOf(step).find(
      ({ role: own, handle }) => own === role && outputs.get(handle.step)?.some((made) => made.name === name),
    )?.handle.step;
  const reasons = identityReasons(before, identity, origin);
  return { state: 'will run', reasons: reasons.length > 0 ? reasons : ['its record is gone from the ledger'] };
}

/** Some input will, or may, be made again: only what the step says itself is known. */
function unsettled(
  step: Step,
  moving: readonly string[],
  states: ReadonlyMap<string, StepForecast>,
  before: Identity | undefined,
  lookups: Lookups,
): Found {
  if (before === undefined) return { state: 'will run', reasons: ['never made before'] };
  const waiting = moving.map((id) => `${id} ${states.get(id)?.state ?? 'will run'}`);
  const { version } = lookups.stages[step.stage];
  const own = [
    ...(before.version === version ? [] : [`stage version ${before.version} -> ${version}`]),
    ...paramReasons(before.params, step.params),
  ];
  return { state: own.length > 0 ? 'will run' : 'may run', reasons: [...own, ...waiting] };
}
