import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stepPointerSchema, stepRecordSchema } from './record-schema.ts';
import type { StepRecord } from './record.ts';

/** What stayed in the ledger, and how many records went. */
export interface PrunedLedger {
  readonly kept: readonly StepRecord[];
  readonly removed: number;
}

/** Removes every record that is not the latest of its step in some recipe; unreadable ones as well, because they count as absent. */
export async function pruneLedger(root: string): Promise<PrunedLedger> {
  const keys = join(root, 'v1/keys');
  const steps = join(root, 'v1/steps');
  const latest = new Set<string>();
  for (const path of await pointers(steps)) {
    const pointer = stepPointerSchema.safeParse(await json(path));
    if (pointer.success) latest.add(`${pointer.data.key}.json`);
  }
  const kept: StepRecord[] = [];
  let removed = 0;
  for (const name of await names(keys)) {
    const record = latest.has(name) ? stepRecordSchema.safeParse(await json(join(keys, name))) : undefined;
    if (record?.success === true) kept.push(record.data);
    else {
      await rm(join(keys, name));
      removed += 1;
    }
  }
  return { kept, removed };
}

async function names(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).filter((name) => name.endsWith('.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** `steps/<recipe>/<step>.json` of all recipes. */
async function pointers(steps: string): Promise<string[]> {
  const found = await readdir(steps, { recursive: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  });
  return found.filter((name) => name.endsWith('.json')).map((name) => join(steps, name));
}

async function json(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
