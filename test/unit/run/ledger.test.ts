import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keyOf } from '../../../pipeline/run/key.ts';
import { createLedger, type Ledger } from '../../../pipeline/run/ledger.ts';
import type { StepRecord } from '../../../pipeline/run/record.ts';
import { safeName } from '../../../pipeline/run/safe-name.ts';
import { memoryDir } from '../../helpers/temp-dir.ts';
import { sha256 } from '../store/rig.ts';

function record(version: number, more: Partial<StepRecord> = {}): StepRecord {
  const identity = { stage: 'sign', version, params: { a: [1, null] }, inputs: { rpms: [] } };
  return {
    schema: 1,
    key: keyOf(identity),
    step: 'sign:kernel-director',
    identity,
    outputs: [{ kind: 'image', name: 'builder', digest: sha256('x'), size: 1, engineId: 'sha256:12' }],
    facts: { objects: 3, ccache: 'hit', cold: false },
    startedAt: '2026-11-22T12:00:00.000Z',
    ms: 12,
    log: null,
    runId: 'r1',
    ...more,
  };
}

function makeLedger(): { root: string; ledger: Ledger; invalid: string[]; keyFile: (of: StepRecord) => string } {
  const root = memoryDir();
  const invalid: string[] = [];
  const ledger = createLedger(root, 'lts', (path, reason) => invalid.push(`${path.slice(root.length)}: ${reason}`));
  return { root, ledger, invalid, keyFile: ({ key }) => join(root, 'v1/keys', `${key}.json`) };
}

test('a record comes back by key and as the latest of its step', async () => {
  const { ledger, invalid, root } = makeLedger();
  expect(await ledger.get(record(1).key)).toBeUndefined();
  expect(await ledger.latest('sign:kernel-director')).toBeUndefined();
  await ledger.put(record(1));
  await ledger.put(record(2));
  expect(await ledger.get(record(1).key)).toEqual(record(1));
  expect(await ledger.latest('sign:kernel-director')).toEqual(record(2));
  expect(await ledger.latest('sign:kernel')).toBeUndefined();
  expect(invalid).toEqual([]);
  expect(readdirSync(join(root, 'v1/tmp'))).toEqual([]);
});

test('a second record of the same key replaces the first', async () => {
  const { ledger } = makeLedger();
  await ledger.put(record(1));
  await ledger.put(record(1, { runId: 'r2' }));
  expect((await ledger.get(record(1).key))?.runId).toBe('r2');
});

test.each<[string, (path: string) => void]>([
  ['torn', (path) => truncateSync(path, 100)],
  ['empty', (path) => truncateSync(path, 0)],
  ['no JSON', (path) => writeFileSync(path, 'hello')],
  ['another shape', (path) => writeFileSync(path, '{"schema":1}')],
  ['of another key', (path) => writeFileSync(path, JSON.stringify(record(2)))],
  ['altered', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"sign"', '"sigh"'))],
  ['of a future format', (path) => writeFileSync(path, JSON.stringify({ ...record(1), schema: 2 }))],
  ['with an unknown kind', (path) => writeFileSync(path, readFileSync(path, 'utf8').replace('"image"', '"tarball"'))],
])('a record that is %s counts as absent and is reported', async (_what, spoil) => {
  const { ledger, invalid, keyFile } = makeLedger();
  await ledger.put(record(1));
  spoil(keyFile(record(1)));
  expect(await ledger.get(record(1).key)).toBeUndefined();
  expect(invalid).toHaveLength(1);
  expect(invalid[0]).toContain(`/v1/keys/${record(1).key}.json: `);
  await ledger.put(record(1));
  expect(await ledger.get(record(1).key)).toEqual(record(1));
});

test('a spoiled pointer counts as absent too', async () => {
  const { ledger, invalid, root } = makeLedger();
  await ledger.put(record(1));
  writeFileSync(join(root, 'v1/steps/lts/sign~kernel-director.json'), '{');
  expect(await ledger.latest('sign:kernel-director')).toBeUndefined();
  expect(invalid).toHaveLength(1);
});

test('a key that is none is a mistake of the caller', () => {
  const { ledger } = makeLedger();
  expect(() => ledger.get('../../etc/passwd')).toThrow(TypeError);
});

test('step ids as file names: never a path, never shared', () => {
  const ids = ['sign:kernel', 'sign~kernel', 'sign/kernel', '../x', '..', 'a b', "a'b", 'ü', 'sign%3Akernel'];
  const names = ids.map(safeName);
  expect(names[0]).toBe('sign~kernel');
  expect(new Set(names).size).toBe(ids.length);
  for (const name of names) expect(name).toMatch(/^[0-9A-Za-z._%~-]+$/);
});
