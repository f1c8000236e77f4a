import { expect, test } from 'vitest';
import { missingFiles, toldFiles } from '../../../pipeline/cli/told-files.ts';
import { toldLedger } from '../../../pipeline/cli/told-ledger.ts';
import { madeOther } from '../../../pipeline/cli/told-other.ts';
import type { Artifact, ArtifactKind } from '../../../pipeline/plan/artifact.ts';
import type { FileRef } from '../../../pipeline/plan/params.ts';
import { FactoryError } from '../../../pipeline/run/failure.ts';
import type { Ledger } from '../../../pipeline/run/ledger.ts';
import type { StepRecord } from '../../../pipeline/run/record.ts';
import type { Files } from '../../../pipeline/tools/tools.ts';
import { sha256 } from './rig.ts';

function artifact(kind: ArtifactKind, name: string, text: string): Artifact {
  return { kind, name, digest: sha256(text), size: text.length };
}

function record(step: string, outputs: readonly Artifact[]): StepRecord {
  const identity = { stage: step, version: 1, params: {}, inputs: {} };
  const rest = { facts: {}, startedAt: '', ms: 0, log: null, runId: 'r' };
  return { schema: 1, key: sha256(step), step, identity, outputs, ...rest };
}

const image = record('image', [artifact('image', 'b', 'told'), artifact('packages', 'b.txt', 'gcc 1\nmake 2\n')]);
const rpm = record('rpm', [artifact('rpm', 'a.rpm', 'told')]);

function ledgerOf(here: readonly StepRecord[]): { ledger: Ledger; puts: string[] } {
  const puts: string[] = [];
  return {
    puts,
    ledger: {
      get: (key) => Promise.resolve(here.find((one) => one.key === key)),
      latest: () => Promise.resolve(undefined),
      used: ({ step }) => Promise.resolve(void puts.push(step)),
      put: ({ step }) => Promise.resolve(void puts.push(step)),
    },
  };
}

const told = { records: new Map([image, rpm].map((one) => [one.key, one])), keys: new Map<string, string>() };
const other = (): FactoryError => new FactoryError({ kind: 'Cancelled' });

test('what is told counts; what this machine knows of it counts as long as it is the same', async () => {
  const located = { ...image, outputs: image.outputs.map((one) => ({ ...one, engineId: 'sha256:e' })) };
  expect(await toldLedger(ledgerOf([located]).ledger, told, new Set(), other).get(image.key)).toEqual(located);
  const since = { ...image, outputs: [artifact('image', 'b', 'newer')] };
  expect(await toldLedger(ledgerOf([since]).ledger, told, new Set(), other).get(image.key)).toEqual(image);
  const another = record('another', []);
  expect(await toldLedger(ledgerOf([another]).ledger, told, new Set(), other).get(another.key)).toBeUndefined();
});

test('what is to be built again is forgotten, and nothing is kept', async () => {
  const { ledger, puts } = ledgerOf([image, rpm]);
  const view = toldLedger(ledger, told, new Set(['rpm']), other);
  expect(await view.get(rpm.key)).toBeUndefined();
  await view.put({ ...rpm, outputs: [artifact('rpm', 'a.rpm', 'differs')] });
  await view.put(image);
  await view.used(image);
  expect(puts).toEqual([]);
});

test('what has to be made after all must be what is told', async () => {
  const view = toldLedger(ledgerOf([]).ledger, told, new Set(['rpm']), other);
  await expect(view.put({ ...image, outputs: [artifact('image', 'b', 'newer')] })).rejects.toThrow('Cancelled');
});

test('what is pinned is known under the key that it was made with', async () => {
  const pinned = { ...image, key: sha256('pinned') };
  const view = toldLedger(
    ledgerOf([{ ...image, facts: { here: true } }]).ledger,
    { records: new Map([[pinned.key, pinned]]), keys: new Map([[pinned.key, image.key]]) },
    new Set(),
    other,
  );
  expect(await view.get(pinned.key)).toEqual({ ...pinned, facts: { here: true } });
});

test('something else today: which outputs', () => {
  const { failure } = madeOther('id', rpm, { ...rpm, outputs: [artifact('rpm', 'a.rpm', 'newer')] });
  const lines = [`rpm a.rpm: told sha256 ${sha256('told')}, made now ${sha256('newer')}`];
  expect(failure).toMatchObject({ kind: 'ToldMissing', missing: [{ what: 'rpm makes something else today', lines }] });
});

test('files: carried and right, else those of the checkout, else missing in words', async () => {
  const ref = (path: string): FileRef => ({ root: 'recipe', path, sha256: sha256(path) });
  const checkout: Files = {
    read: ({ path, sha256: want }) =>
      path === 'there'
        ? Promise.resolve(Buffer.from(path))
        : Promise.reject(new FactoryError({ kind: 'FileChanged', path: `/r/${path}`, want, got: 'missing' })),
    path: () => Promise.resolve('/checkout'),
  };
  const contents = new Map<string, Buffer>([
    [ref('carried').sha256, Buffer.from('carried')],
    [ref('forged').sha256, Buffer.from('something else')],
  ]);
  const files = toldFiles(contents, checkout);
  expect((await files.read(ref('carried'))).toString()).toBe('carried');
  // What runs on the host is never what a snapshot brought along.
  expect(await files.path(ref('carried'))).toBe('/checkout');
  const missing = await missingFiles(files, [ref('carried'), ref('there'), ref('forged'), ref('gone')]);
  expect(missing.map(({ what }) => what)).toEqual(['file recipe/forged', 'file recipe/gone']);
  expect(missing[1]?.lines[1]).toBe('here  no such file (/r/gone)');
});
