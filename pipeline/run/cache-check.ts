import type { Stage } from '../stages/stage.ts';
import type { StageName } from '../plan/step.ts';
import type { Tools } from '../tools/tools.ts';
import type { Prepared } from './prepare.ts';
import type { Ledger } from './ledger.ts';
import type { StepRecord } from './record.ts';
import { whyNew } from './why.ts';

/** A record that can be used as it is, or why the step has to run. */
export type CacheCheck = { readonly record: StepRecord } | { readonly record?: undefined; readonly why: string };

/**
 * Looks for a step that was made before: its record, its outputs in the store (by size, no byte is read) and, for a target,
 * whatever else it left in the world.
 */
export async function checkCache(
  prepared: Prepared,
  stage: Stage<StageName>,
  isTarget: boolean,
  { ledger, tools }: { readonly ledger: Ledger; readonly tools: Tools },
): Promise<CacheCheck> {
  const record = await ledger.get(prepared.key);
  if (record === undefined) {
    const latest = await ledger.latest(prepared.step.id);
    return { why: whyNew(latest?.identity, prepared.identity) };
  }
  const there = await Promise.all(record.outputs.map(({ digest, size }) => tools.store.has(digest, size)));
  const lost = record.outputs.find((_, index) => !there[index]);
  if (lost !== undefined) return { why: `output missing: ${lost.name}` };
  const present = isTarget && stage.present !== undefined ? await stage.present(record, tools, 'target') : true;
  if (present !== true)
    return { why: present === false ? 'output missing: what it left outside the store is gone' : present };
  await ledger.used(record);
  return { record };
}
