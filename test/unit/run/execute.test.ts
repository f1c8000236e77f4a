import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Step } from '../../../pipeline/plan/step.ts';
import { failureOfKind } from '../../helpers/failure.ts';
import { flipByte } from '../../helpers/flip-byte.ts';
import { Rig, step, usual } from './rig.ts';

test('steps run after their inputs, and the second run touches nothing', async () => {
  const rig = new Rig();
  const steps = [step('a'), step('b', ['a']), step('c', ['a', 'b'])];
  const first = await rig.run(steps);
  expect(first).toMatchObject({ ok: true, failures: [], skipped: [] });
  expect(rig.log()).toEqual(['started a', 'made a', 'started b', 'made b', 'started c', 'made c']);
  expect(rig.why('a')).toEqual(['first time']);
  expect(await rig.output(first, 'c')).toBe('c(a+b(a))');

  const second = await rig.run(steps);
  expect(rig.log()).toEqual(['cached a', 'cached b', 'cached c']);
  expect(second.records.get('c')).toEqual(first.records.get('c'));
  expect(second.records.get('c')).toMatchObject({ runId: 'run-1', facts: { length: 9 } });
});

test('a run that finds everything reads no byte of what it finds', async () => {
  const rig = new Rig();
  const steps = Array.from({ length: 25 }, (_, n) => step(`s${n}`, n % 5 === 0 ? [] : [`s${n - 1}`]));
  const first = await rig.run(steps);
  for (const { outputs } of first.records.values())
    for (const { digest } of outputs) await flipByte(rig.files.pathOf(digest));
  const started = performance.now();
  expect((await rig.run(steps)).ok).toBe(true);
  // Some 10 ms on an idle machine.
  expect(performance.now() - started).toBeLessThan(1000);
  expect(rig.log().filter((line) => line.startsWith('cached'))).toHaveLength(25);
});

test('a changed param runs what depends on it and nothing else', async () => {
  const rig = new Rig();
  const steps = (text: string): Step[] => [step('a', [], { text }), step('b'), step('c', ['a']), step('d', ['b'])];
  await rig.run(steps('one'));
  await rig.run(steps('two'));
  expect(rig.log().sort()).toEqual(['cached b', 'cached d', 'made a', 'made c', 'started a', 'started c']);
  expect(rig.why('a')).toEqual(['changed: param text']);
  expect(rig.why('c')).toEqual(['changed: input parts']);
});

test('early cut-off: equal bytes from a changed step stop the change', async () => {
  const rig = new Rig();
  rig.behaviours.set('a', () => Promise.resolve('always the same'));
  await rig.run([step('a', [], { text: 'one' }), step('b', ['a'])]);
  await rig.run([step('a', [], { text: 'two' }), step('b', ['a'])]);
  expect(rig.log()).toEqual(['started a', 'made a', 'cached b']);
});

test('only the wanted steps and what they need', async () => {
  const rig = new Rig();
  const steps = [step('a'), step('b', ['a']), step('c', ['b']), step('x')];
  const outcome = await rig.run(steps, { only: ['b'] });
  expect(rig.log()).toEqual(['started a', 'made a', 'started b', 'made b']);
  expect([...outcome.records.keys()]).toEqual(['a', 'b']);
  const failure = await failureOfKind('Usage', rig.run(steps, { only: ['nope'] }));
  expect(failure.message).toContain('nope');
  expect(failure.advice).toContain('a, b, c, x');
});

test('heavy steps take turns, light ones run beside them', async () => {
  const rig = new Rig();
  const steps = [step('h1', [], { kind: 'heavy' }), step('h2', [], { kind: 'heavy' }), step('l1'), step('l2')];
  rig.hold('h1', 'h2', 'l1', 'l2');
  const running = rig.run(steps);
  await Promise.all([rig.saw('started l1'), rig.saw('started l2')]);
  const first = await rig.saw('started h1', 'started h2');
  const [one, other] = first === 'started h1' ? ['h1', 'h2'] : ['h2', 'h1'];
  rig.release('l1');
  rig.release('l2');
  await Promise.all([rig.saw('made l1'), rig.saw('made l2')]);
  expect(rig.log()).not.toContain(`started ${other}`);
  rig.release(one);
  await rig.saw(`started ${other}`);
  expect(rig.log().indexOf(`made ${one}`)).toBeLessThan(rig.log().indexOf(`started ${other}`));
  rig.release(other);
  expect((await running).ok).toBe(true);
});

test('two heavy slots hold two heavy steps', async () => {
  const rig = new Rig();
  const ids = ['h1', 'h2', 'h3'];
  rig.hold(...ids);
  const steps = ids.map((id) => step(id, [], { kind: 'heavy' }));
  const running = rig.run(steps, { jobs: { heavy: 2, light: 1 } });
  const first = (await rig.saw(...ids.map((id) => `started ${id}`))).slice(-2);
  const second = (await rig.saw(...ids.filter((id) => id !== first).map((id) => `started ${id}`))).slice(-2);
  const third = ids.find((id) => id !== first && id !== second) ?? '';
  await Promise.all([rig.runs(first), rig.runs(second)]);
  expect(rig.log()).toHaveLength(2);
  rig.release(second);
  await rig.saw(`started ${third}`);
  rig.release(first);
  rig.release(third);
  expect((await running).ok).toBe(true);
});

test('a stage gets its inputs, the facts of the last time, and the settings of the run', async () => {
  const rig = new Rig();
  await rig.run([step('a'), step('b', ['a'])]);
  await rig.run([step('a'), step('b', ['a'], { text: 'new' })], { offline: true });
  const [context] = rig.contexts;
  expect(context).toMatchObject({ offline: true, jobs: 3, lastFacts: { length: 4 } });
  expect(context?.inputs).toMatchObject({ parts: [{ kind: 'source', name: 'a.out' }] });
  expect(context?.key).toMatch(/^[0-9a-f]{64}$/);
});

test('log lines go to the file and into events; a silent step has no log', async () => {
  const rig = new Rig();
  rig.behaviours.set('a', (context) => {
    context.log('compiling');
    context.log('warning: odd', 'stderr');
    return usual(context);
  });
  const outcome = await rig.run([step('a'), step('b')]);
  const log = outcome.records.get('a')?.log;
  expect(log).toBe('runs/run-1/logs/a.log');
  expect(readFileSync(join(rig.root, log ?? ''), 'utf8')).toBe('compiling\nwarning: odd\n');
  expect(rig.events).toContainEqual({ type: 'log', step: 'a', stream: 'stderr', line: 'warning: odd' });
  expect(outcome.records.get('b')?.log).toBeNull();
  expect(existsSync(join(rig.root, 'runs/run-1/logs/b.log'))).toBe(false);
});

test('a lost output is made again, a lost record as well', async () => {
  const rig = new Rig();
  const steps = [step('a'), step('b', ['a'])];
  const first = await rig.run(steps);
  const [output] = first.records.get('b')?.outputs ?? [];
  await rm(rig.files.pathOf(output!.digest));
  await rig.run(steps);
  expect(rig.log()).toEqual(['cached a', 'started b', 'made b']);
  expect(rig.why('b')).toEqual(['output missing: b.out']);

  await rm(join(rig.root, 'ledger/v1/keys', `${first.records.get('b')?.key ?? ''}.json`));
  await rig.run(steps);
  expect(rig.why('b')).toEqual(['first time']);
});

test('inputs that cannot be resolved fail the step before it starts', async () => {
  const rig = new Rig();
  const outcome = await rig.run([step('a'), step('b', [], { inputs: { part: { step: 'a', kind: 'image' } } })]);
  expect(outcome.failures).toMatchObject([{ step: 'b', failure: { kind: 'Internal' } }]);
  expect(rig.log()).toEqual(['started a', 'made a', 'failed b']);
});

test('a plan with a step twice or before its input is refused', async () => {
  const rig = new Rig();
  await failureOfKind('Internal', rig.run([step('a'), step('a')]));
  await failureOfKind('Internal', rig.run([step('b', ['a']), step('a')]));
  expect(rig.events).toEqual([]);
});
