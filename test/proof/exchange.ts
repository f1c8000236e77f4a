import { join } from 'node:path';
import { createLedger, type Ledger } from '../../pipeline/run/ledger.ts';
import type { StepRecord } from '../../pipeline/run/record.ts';
import { createStore } from '../../pipeline/store/index.ts';
import { layoutOf, objectPath } from '../../pipeline/store/layout.ts';

const RECIPE = 'lts';

/** The ledger of an artifacts directory; a record that cannot be read fails the test. */
function ledgerOf(artifacts: string): Ledger {
  return createLedger(join(artifacts, 'ledger'), RECIPE, (path, reason) => {
    throw new Error(`${path}: ${reason}`);
  });
}

/** What was made last under a step id. */
async function recordOf(artifacts: string, step: string): Promise<StepRecord> {
  const record = await ledgerOf(artifacts).latest(step);
  if (record === undefined) throw new Error(`${step} was never made in ${artifacts}`);
  return record;
}

/** Brings these steps with what they made from one artifacts directory into another: they are cached there. */
export async function bringAlong(from: string, to: string, steps: readonly string[]): Promise<void> {
  const store = createStore(join(from, 'store'));
  const layout = layoutOf(join(to, 'store'));
  for (const step of steps) {
    const record = await recordOf(from, step);
    for (const { digest } of record.outputs) await store.place(digest, objectPath(layout, digest));
    await ledgerOf(to).put(record);
  }
}

/** The bytes of the one output of a step whose name fits. */
export async function outputOf(
  artifacts: string,
  step: string,
  fits: RegExp,
): Promise<{ name: string; bytes: Buffer }> {
  const { outputs } = await recordOf(artifacts, step);
  const [found, ...more] = outputs.filter(({ name }) => fits.test(name));
  if (found === undefined || more.length > 0) throw new Error(`${step}: not exactly one output like ${fits.source}`);
  return { name: found.name, bytes: await createStore(join(artifacts, 'store')).read(found.digest) };
}

/** From now on that step has made these bytes under that name. Disposing of it puts the record back as it was. */
export async function exchanged(
  artifacts: string,
  step: string,
  name: string,
  bytes: Buffer,
): Promise<AsyncDisposable> {
  const ledger = ledgerOf(artifacts);
  const before = await recordOf(artifacts, step);
  const written = await createStore(join(artifacts, 'store')).put(bytes);
  const outputs = before.outputs.map((output) => (output.name === name ? { ...output, ...written } : output));
  if (outputs.every(({ digest }, index) => digest === before.outputs[index]?.digest))
    throw new Error(`${step}: ${name} is the same as before`);
  await ledger.put({ ...before, outputs });
  return { [Symbol.asyncDispose]: () => ledger.put(before) };
}
