import type { Artifact } from '../../plan/artifact.ts';
import { FactoryError } from '../../run/failure.ts';
import type { Ledger } from '../../run/ledger.ts';
import type { StepRecord } from '../../run/record.ts';
import type { Store } from '../tools.ts';
import { invalid, recordName } from './format.ts';
import type { Staged } from './stage.ts';

/** What became visible; what was there already is not counted. */
export interface Imported {
  readonly records: number;
  readonly objects: number;
}

/**
 * Makes verified archives visible: all of them, or nothing. Objects first, then records, each durable before the next: whoever is
 * stopped in between has objects that nobody asks for, and never a record without its objects. What is there already stays as it
 * is. Failures: ExchangeInvalid (an output is nowhere), ExchangeConflict, DiskFull, Cancelled.
 */
export async function importStaged(
  archives: readonly Staged[],
  store: Pick<Store, 'has' | 'adopt'>,
  ledger: Pick<Ledger, 'get' | 'put'>,
  signal: AbortSignal,
): Promise<Imported> {
  const objects = new Map(archives.flatMap((one) => [...one.objects]));
  const records = new Map<string, StepRecord>();
  for (const { file, records: all } of archives)
    for (const record of all) {
      for (const output of record.outputs) {
        const size = objects.get(output.digest)?.size;
        if (size === output.size || (await store.has(output.digest, output.size))) continue;
        const reason = `its output ${output.name} (${output.digest}) is neither in the archive nor in the store`;
        throw invalid(file, recordName(record.key), reason);
      }
      const other = records.get(record.key);
      const known = other ?? (await ledger.get(record.key));
      if (known !== undefined && !isSame(known, record)) throw conflict(file, known, record);
      if (known === undefined) records.set(record.key, record);
    }
  let adopted = 0;
  for (const [digest, { path }] of objects) {
    if (signal.aborted) throw new FactoryError({ kind: 'Cancelled' });
    if (path === undefined) continue;
    await store.adopt(path, digest);
    adopted += 1;
  }
  if (signal.aborted) throw new FactoryError({ kind: 'Cancelled' });
  for (const record of records.values()) await ledger.put(record);
  return { records: records.size, objects: adopted };
}

function isSame(a: StepRecord, b: StepRecord): boolean {
  return lines(a).join('\n') === lines(b).join('\n');
}

function lines({ outputs }: StepRecord): string[] {
  return outputs.map(({ kind, name, digest }: Artifact) => `${kind} ${name} ${digest}`).sort();
}

function conflict(file: string, known: StepRecord, record: StepRecord): FactoryError {
  const [here, there] = [lines(known), lines(record)];
  return new FactoryError({
    kind: 'ExchangeConflict',
    file,
    step: record.step,
    key: record.key,
    here: here.filter((line) => !there.includes(line)),
    there: there.filter((line) => !here.includes(line)),
  });
}
