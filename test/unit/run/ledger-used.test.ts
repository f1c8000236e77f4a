import { expect, test } from 'vitest';
import { asSha256 } from '../../../pipeline/plan/artifact.ts';
import { identityOf, keyOf } from '../../../pipeline/run/key.ts';
import { createLedger } from '../../../pipeline/run/ledger.ts';
import { pruneLedger } from '../../../pipeline/run/prune-ledger.ts';
import type { StepRecord } from '../../../pipeline/run/record.ts';
import type { StepOf } from '../../../pipeline/plan/step.ts';
import { memoryDir } from '../../helpers/temp-dir.ts';

function record(digit: string): StepRecord {
  const step: StepOf<'publish'> = {
    id: 'publish',
    stage: 'publish',
    title: '',
    params: {
      recipe: digit,
      validDays: 30,
      hostScripts: { 'check.sh': [{ root: 'factory', path: 'check.sh', sha256: asSha256('0'.repeat(64)) }] },
      scripts: [],
    },
    inputs: {
      builder: { step: 'builder-image', kind: 'image' },
      key: { step: 'signing-key', kind: 'public-key' },
      snapshot: { step: 'snapshot', kind: 'snapshot' },
      evidence: [],
    },
    hints: { baseUrl: '' },
  };
  const identity = identityOf(step, 1, {});
  const key = keyOf(identity);
  return {
    schema: 1,
    key,
    step: step.id,
    identity,
    outputs: [],
    facts: {},
    startedAt: '2026-01-01T00:00:00.000Z',
    ms: 1,
    log: null,
    runId: 'r',
  };
}

test('after A, B and A again the latest is A, prune keeps A, and recipes do not see each other', async () => {
  const root = memoryDir();
  const fail = (path: string, reason: string): never => {
    throw new Error(`${path}: ${reason}`);
  };
  const ledger = createLedger(root, 'one', fail);
  const [a, b] = [record('a'), record('b')];
  await ledger.put(a);
  await ledger.put(b);
  expect((await ledger.latest('publish'))?.key).toBe(b.key);
  await ledger.used(a);
  expect((await ledger.latest('publish'))?.key).toBe(a.key);
  expect(await createLedger(root, 'two', fail).latest('publish')).toBeUndefined();
  expect(await pruneLedger(root)).toMatchObject({ kept: [{ key: a.key }], removed: 1 });
  expect(await ledger.get(b.key)).toBeUndefined();
});
