import { expect, test } from 'vitest';
import { flipByte } from '../../helpers/flip-byte.ts';
import { Rig, step, usual, type Context } from './rig.ts';

function historyIn(rig: Rig, id: string): string[] | undefined {
  return rig.contexts.find((context) => context.step.id === id)?.history.map((past) => past.step.id);
}

test('a stage sees everything that its inputs come from, in plan order, and nothing else', async () => {
  const rig = new Rig();
  await rig.run([step('a'), step('other'), step('b', ['a']), step('c', ['b', 'a']), step('d', ['other'])]);
  expect(historyIn(rig, 'a')).toEqual([]);
  expect(historyIn(rig, 'b')).toEqual(['a']);
  expect(historyIn(rig, 'c')).toEqual(['a', 'b']);
  expect(historyIn(rig, 'd')).toEqual(['other']);
});

test('also of steps that were there already', async () => {
  const rig = new Rig();
  await rig.run([step('a'), step('b', ['a'])]);
  await rig.run([step('a'), step('b', ['a']), step('c', ['b'])]);
  expect(rig.log()).toEqual(['cached a', 'cached b', 'started c', 'made c']);
  const past = rig.contexts.find((context) => context.step.id === 'c')?.history;
  expect(past?.map(({ record }) => record.runId)).toEqual(['run-1', 'run-1']);
});

test('a damaged object further back, read through the history, is made again', async () => {
  const rig = new Rig();
  const first = await rig.run([step('a'), step('b', ['a'])]);
  const [damaged] = first.records.get('a')?.outputs ?? [];
  await flipByte(rig.files.pathOf(damaged!.digest));
  rig.behaviours.set('c', async (context: Context) => {
    const [past] = context.history;
    const [output] = past?.record.outputs ?? [];
    return `${await usual(context)} after ${(await context.tools.store.read(output!.digest)).toString()}`;
  });
  const outcome = await rig.run([step('a'), step('b', ['a']), step('c', ['b'])]);
  expect(outcome.ok).toBe(true);
  expect(rig.log()).toContain('made a');
  expect(await rig.output(outcome, 'c')).toBe('c(b(a)) after a');
});
