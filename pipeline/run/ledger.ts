import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { asSha256 } from '../plan/artifact.ts';
import { errorCode, makeDir, writeDurably } from '../store/durable.ts';
import { keyOf } from './key.ts';
import { stepPointerSchema, stepRecordSchema } from './record-schema.ts';
import type { StepRecord } from './record.ts';
import { safeName } from './safe-name.ts';

/** What is known about steps that were made: one small JSON file per key. */
export interface Ledger {
  /** The record of a key; undefined when there is none that can be trusted. */
  get(key: string): Promise<StepRecord | undefined>;
  /** What was made last under this step id, whatever its key: for explanations and estimates. */
  latest(stepId: string): Promise<StepRecord | undefined>;
  /** Says that a record is what its step now is, so that the next explanation compares with it. */
  used(record: StepRecord): Promise<void>;
  /** Durable when it returns. Replaces an earlier record of the same key. Failures: DiskFull. */
  put(record: StepRecord): Promise<void>;
}

/**
 * The ledger below `root`: `v1/keys/<key>.json`, shared by all recipes, and `v1/steps/<recipe>/<step>.json`; files in the making in `v1/tmp` (see
 * sweepTemporary). A torn, foreign or altered file is told to `onInvalid` and counts as absent: the step runs again.
 */
export function createLedger(root: string, recipe: string, onInvalid: (path: string, reason: string) => void): Ledger {
  const base = join(root, 'v1');
  const temporary = join(base, 'tmp');
  const keyPath = (key: string): string => join(base, 'keys', `${asSha256(key)}.json`);
  const steps = join(base, 'steps', safeName(recipe));
  const stepPath = (id: string): string => join(steps, `${safeName(id)}.json`);

  async function read<T>(path: string, schema: z.ZodType<T>, flawOf: (value: T) => string | undefined) {
    const text = await readIfThere(path);
    if (text === undefined) return undefined;
    const parsed = schema.safeParse(parseJson(text));
    const flaw = parsed.success ? flawOf(parsed.data) : parsed.error.issues.map(describe).join('; ');
    if (flaw !== undefined) onInvalid(path, flaw);
    return parsed.success && flaw === undefined ? parsed.data : undefined;
  }

  const point = async ({ step, key }: StepRecord): Promise<void> => {
    for (const dir of [steps, temporary]) await makeDir(dir);
    await writeDurably(stepPath(step), jsonFile({ schema: 1, step, key }), { temporary });
  };

  const ledger: Ledger = {
    get: (key) =>
      read(keyPath(key), stepRecordSchema, (record) =>
        record.key === key && keyOf(record.identity) === key ? undefined : 'not the record of this key',
      ),
    async latest(stepId) {
      const pointer = await read(stepPath(stepId), stepPointerSchema, ({ step }) =>
        step === stepId ? undefined : 'not the pointer of this step',
      );
      return pointer && ledger.get(pointer.key);
    },
    async used(record) {
      const pointer = await read(stepPath(record.step), stepPointerSchema, () => undefined);
      if (pointer?.key !== record.key) await point(record);
    },
    async put(record) {
      for (const dir of [join(base, 'keys'), temporary]) await makeDir(dir);
      await writeDurably(keyPath(record.key), jsonFile(record), { temporary });
      await point(record);
    },
  };
  return ledger;
}

function jsonFile(value: unknown): string {
  return `${JSON.stringify(value, null, 1)}\n`;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** undefined for what is no JSON: no schema takes it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function describe(issue: z.core.$ZodIssue): string {
  return `${issue.path.join('.')}: ${issue.message}`;
}
