import { expect, test } from 'vitest';
import type { RunOutcome } from '../../../pipeline/run/execute.ts';
import { FactoryError } from '../../../pipeline/run/failure.ts';
import { flipByte } from '../../helpers/flip-byte.ts';
import { Rig, step, usual, type Context } from './rig.ts';

async function damage(rig: Rig, outcome: RunOutcome, id: string): Promise<void> {
  for (const { digest } of outcome.records.get(id)?.outputs ?? []) await flipByte(rig.files.pathOf(digest));
}

test('a damaged input is made again and the step tries once more', async () => {
  const rig = new Rig();
  await damage(rig, await rig.run([step('a'), step('b', ['a'])]), 'a');
  const outcome = await rig.run([step('a'), step('b', ['a'], { text: 'new' })]);
  expect(outcome.ok).toBe(true);
  expect(rig.log()).toEqual(['cached a', 'started b', 'started a', 'made a', 'started b', 'made b']);
  expect(rig.why('a')).toEqual(['forced: b needs it and its outputs are damaged or gone']);
  expect(rig.events).toContainEqual(expect.objectContaining({ type: 'note', level: 'warning', step: 'a' }));
  expect(await rig.output(outcome, 'b')).toBe('new(a)');
});

test('two damaged inputs are one repair, and two users share it', async () => {
  const rig = new Rig();
  const steps = (text: string) => [
    step('a1'),
    step('a2'),
    step('b', ['a1', 'a2'], { text: `b${text}` }),
    step('c', ['a1', 'a2'], { text: `c${text}` }),
  ];
  const first = await rig.run(steps('1'));
  await damage(rig, first, 'a1');
  await damage(rig, first, 'a2');
  const outcome = await rig.run(steps('2'));
  expect(outcome.ok).toBe(true);
  expect(
    rig
      .log()
      .filter((line) => line === 'made a1' || line === 'made a2')
      .sort(),
  ).toEqual(['made a1', 'made a2']);
});

test('an input that stays damaged is a failure, not a loop', async () => {
  const rig = new Rig();
  let attempts = 0;
  rig.behaviours.set('b', async ({ inputs, tools }: Context) => {
    attempts += 1;
    const { parts } = inputs as unknown as { parts: { digest: Parameters<typeof rig.files.pathOf>[0] }[] };
    const [part] = parts;
    await flipByte(rig.files.pathOf(part!.digest));
    return (await tools.store.read(part!.digest)).toString();
  });
  const outcome = await rig.run([step('a'), step('b', ['a'])]);
  expect(outcome.failures).toMatchObject([{ step: 'b', failure: { kind: 'StoreCorrupt' } }]);
  expect(attempts).toBe(2);
  expect(rig.log().filter((line) => line === 'made a')).toHaveLength(2);
});

test('a StoreCorrupt that no input explains is the failure of the step', async () => {
  const rig = new Rig();
  const corrupt = new FactoryError({ kind: 'StoreCorrupt', digest: 'd', got: 'g', path: 'p' });
  rig.behaviours.set('b', () => Promise.reject(corrupt));
  const outcome = await rig.run([step('a'), step('b', ['a'])]);
  expect(outcome.failures).toMatchObject([{ step: 'b', failure: { kind: 'StoreCorrupt', digest: 'd' } }]);
  expect(rig.log()).toEqual(['started a', 'made a', 'started b', 'failed b']);
});

test('an image that is gone is made again before its user runs, and only if there is one', async () => {
  const rig = new Rig();
  const steps = (text: string) => [step('image', [], { kind: 'image' }), step('b', ['image'], { text })];
  await rig.run(steps('1'));
  const asked: string[] = [];
  let there = false;
  rig.present = (_record, why) => {
    asked.push(why);
    return there;
  };
  await rig.run(steps('1'));
  expect(rig.log()).toEqual(['cached image', 'cached b']);
  expect(asked, 'nobody uses it, nobody asks').toEqual([]);

  rig.behaviours.set('image', (context) => {
    there = true;
    return usual(context);
  });
  expect((await rig.run(steps('2'))).ok).toBe(true);
  expect(rig.log()).toEqual(['cached image', 'started image', 'made image', 'started b', 'made b']);
  expect(asked).toEqual(['use', 'use']);
});

test('an image that does not stay is a failure of its user, not a loop', async () => {
  const rig = new Rig();
  rig.present = () => false;
  const outcome = await rig.run([step('image', [], { kind: 'image' }), step('b', ['image'])]);
  expect(outcome.failures).toMatchObject([{ step: 'b', failure: { kind: 'Internal' } }]);
  expect(rig.log().filter((line) => line === 'made image')).toHaveLength(2);
});

test('a target that is gone is made again', async () => {
  const rig = new Rig();
  const steps = [step('a'), step('image', ['a'], { kind: 'image' })];
  await rig.run(steps);
  rig.present = (_record, why) => why === 'use';
  await rig.run(steps);
  expect(rig.log()).toEqual(['cached a', 'started image', 'made image']);
  expect(rig.why('image')[0]).toMatch(/^output missing/);
});

test('a repair that makes other bytes reaches everybody, also those who were done', async () => {
  const rig = new Rig();
  const steps = (text: string) => [
    step('image', [], { kind: 'image' }),
    step('director', ['image'], { text }),
    step('backend', ['image']),
    step('snapshot', ['director', 'backend']),
  ];
  await rig.run(steps('director'));

  rig.present = (record) => record.runId !== 'run-1';
  rig.behaviours.set('image', () => Promise.resolve('newer image'));
  rig.hold('image');
  const running = rig.run(steps('patched'));
  await Promise.all([rig.saw('cached backend'), rig.saw('started image')]);
  rig.release('image');
  const outcome = await running;
  expect(outcome).toMatchObject({ ok: true, failures: [], skipped: [] });
  expect(await rig.output(outcome, 'snapshot')).toBe('snapshot(patched(newer image)+backend(newer image))');
  const made = rig.log().filter((line) => line.startsWith('made'));
  expect(made.slice(0, 1)).toEqual(['made image']);
  expect(made.slice(1, 3).sort()).toEqual(['made backend', 'made director']);
  expect(made.slice(3)).toEqual(['made snapshot']);

  expect((await rig.run(steps('patched'))).ok).toBe(true);
  expect(rig.log().filter((line) => !line.startsWith('cached'))).toEqual([]);
});

test('a heavy step is made again for a heavy user with a single slot', async () => {
  const rig = new Rig();
  const steps = (text: string) => [step('h1', [], { kind: 'heavy' }), step('h2', ['h1'], { kind: 'heavy', text })];
  await damage(rig, await rig.run(steps('1')), 'h1');
  expect((await rig.run(steps('2'))).ok).toBe(true);
});

test('when the repair fails, its user is skipped because of it', async () => {
  const rig = new Rig();
  await damage(rig, await rig.run([step('a'), step('b', ['a'])]), 'a');
  rig.behaviours.set('a', () => Promise.reject(new Error('mirror is down')));
  const outcome = await rig.run([step('a'), step('b', ['a'], { text: 'new' })], { keepGoing: true });
  expect(outcome.failures).toMatchObject([{ step: 'a', failure: { kind: 'Internal' } }]);
  expect(outcome.skipped).toEqual(['b']);
  expect(rig.log().at(-1)).toBe('skipped b because a');
  expect(outcome.records.size).toBe(0);
});
