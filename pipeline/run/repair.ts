import { finished } from 'node:stream/promises';
import type { Artifact } from '../plan/artifact.ts';
import type { StageName, Step } from '../plan/step.ts';
import type { Stage, StageTable } from '../stages/stage.ts';
import type { Store, Tools } from '../tools/tools.ts';
import { failureOf } from './failure.ts';
import type { PastStep } from './history.ts';
import type { StepRecord } from './record.ts';
import { producersOf } from './select.ts';

/** Producers of a step's inputs that left something outside the store which is not there any more. */
export async function absentProducers(
  step: Step,
  records: ReadonlyMap<string, StepRecord>,
  steps: ReadonlyMap<string, Step>,
  { stages, tools }: { readonly stages: StageTable; readonly tools: Tools },
): Promise<readonly string[]> {
  return failing(producersOf(step), async (id) => {
    const producer = steps.get(id);
    const record = records.get(id);
    if (producer === undefined || record === undefined) return true;
    const stage: Stage<StageName> = stages[producer.stage];
    return stage.present === undefined || (await stage.present(record, tools, 'use')) === true;
  });
}

/**
 * Producers of a step's inputs with an object that is damaged or missing; when all of those are sound, the ones further
 * back, of which a stage may have read something through its history. Reads everything, so that one repair is enough for all
 * of them: only for after a StoreCorrupt.
 */
export async function corruptProducers(
  step: Step,
  history: readonly PastStep[],
  store: Store,
): Promise<readonly string[]> {
  const records = new Map(history.map(({ step: { id }, record }) => [id, record]));
  const direct = producersOf(step);
  const isWhole = async (id: string): Promise<boolean> => {
    for (const output of records.get(id)?.outputs ?? []) if (!(await isSound(store, output))) return false;
    return true;
  };
  const corrupt = await failing(direct, isWhole);
  if (corrupt.length > 0) return corrupt;
  return failing(
    [...records.keys()].filter((id) => !direct.includes(id)),
    isWhole,
  );
}

async function isSound(store: Store, { digest }: Artifact): Promise<boolean> {
  try {
    const bytes = await store.open(digest);
    await finished(bytes.resume());
    return true;
  } catch (error) {
    if (failureOf(error).kind === 'StoreCorrupt') return false;
    throw error;
  }
}

async function failing(ids: readonly string[], passes: (id: string) => Promise<boolean>): Promise<readonly string[]> {
  const passed = await Promise.all(ids.map(passes));
  return ids.filter((_, index) => !passed[index]);
}

/** Whether two records hand out the same artifacts: then nobody downstream can tell them apart. */
export function sameOutputs(a: StepRecord | undefined, b: StepRecord | undefined): boolean {
  return fingerprint(a) === fingerprint(b);
}

function fingerprint(record: StepRecord | undefined): string {
  const lines = record?.outputs.map(({ kind, name, digest }) => `${kind} ${name} ${digest}`) ?? [];
  return lines.sort().join('\n');
}
