import { expect, test } from 'vitest';
import { FactoryError } from '../../../pipeline/run/failure.ts';
import { Rig, step, usual, type Context } from './rig.ts';

function fail(message: string): () => Promise<string> {
  return () => Promise.reject(new FactoryError({ kind: 'AptFailed', source: 'x', code: 'E', detail: message }));
}

test('what needs a failed step is skipped, and says which one failed', async () => {
  const rig = new Rig();
  rig.behaviours.set('a', (context) => {
    context.log('about to fail');
    return fail('broken')();
  });
  const outcome = await rig.run([step('a'), step('b', ['a']), step('c', ['b'])]);
  expect(rig.log()).toEqual(['started a', 'failed a', 'skipped b because a', 'skipped c because a']);
  expect(outcome).toMatchObject({ ok: false, skipped: ['b', 'c'] });
  expect(outcome.failures).toMatchObject([{ step: 'a', failure: { kind: 'AptFailed', detail: 'broken' } }]);
  expect(rig.events).toContainEqual(
    expect.objectContaining({ type: 'step-failed', step: 'a', log: 'runs/run-1/logs/a.log' }),
  );
  expect(outcome.records.size).toBe(0);
});

test('anything that is no FactoryError is Internal', async () => {
  const rig = new Rig();
  rig.behaviours.set('a', () => Promise.reject(new RangeError('oops')));
  const outcome = await rig.run([step('a')]);
  expect(outcome.failures).toMatchObject([{ step: 'a', failure: { kind: 'Internal', message: 'oops' } }]);
});

test('after a failure nothing new starts, but what runs may finish', async () => {
  const rig = new Rig();
  rig.behaviours.set('bad', fail('no'));
  rig.hold('slow', 'bad');
  const running = rig.run([step('slow'), step('bad'), step('after', ['slow'])]);
  await Promise.all([rig.saw('started slow'), rig.saw('started bad')]);
  rig.release('bad');
  await rig.saw('failed bad');
  rig.release('slow');
  const outcome = await running;
  const [one, other, ...rest] = rig.log();
  expect([one, other].sort()).toEqual(['started bad', 'started slow']);
  expect(rest).toEqual(['failed bad', 'made slow', 'skipped after because bad']);
  expect([...outcome.records.keys()]).toEqual(['slow']);
});

test('what is there already is still found after a failure', async () => {
  const rig = new Rig();
  const steps = [step('bad', [], { text: '1' }), step('a'), step('b', ['a'])];
  await rig.run(steps);
  rig.behaviours.set('bad', fail('no'));
  await rig.run([step('bad', [], { text: '2' }), ...steps.slice(1)]);
  expect(rig.log().sort()).toEqual(['cached a', 'cached b', 'failed bad', 'started bad']);
});

test('keep going: independent branches are made', async () => {
  const rig = new Rig();
  rig.behaviours.set('bad', fail('no'));
  rig.hold('slow');
  const running = rig.run([step('slow'), step('bad'), step('after', ['slow']), step('never', ['bad', 'slow'])], {
    keepGoing: true,
  });
  await rig.saw('failed bad');
  rig.release('slow');
  const outcome = await running;
  expect(outcome.ok).toBe(false);
  expect([...outcome.records.keys()].sort()).toEqual(['after', 'slow']);
  expect(outcome.skipped).toEqual(['never']);
  expect(rig.log()).toContain('skipped never because bad');
});

test('a cancelled run: running steps are Cancelled, the rest is skipped', async () => {
  const rig = new Rig();
  const untilAborted = ({ signal }: Context): Promise<string> =>
    new Promise((_resolve, reject) => {
      const hangUp = (): void => reject(new Error('socket hang up'));
      // The step says that it starts before the stage does.
      if (signal.aborted) hangUp();
      else signal.addEventListener('abort', hangUp, { once: true });
    });
  rig.behaviours.set('a', untilAborted);
  const steps = [
    step('a', [], { kind: 'heavy' }),
    step('b', ['a']),
    step('queued', [], { kind: 'heavy' }),
    step('later', ['queued']),
  ];
  const running = rig.run(steps);
  await rig.saw('started a');
  rig.controller.abort();
  const outcome = await running;
  expect(outcome.failures).toEqual([{ step: 'a', failure: { kind: 'Cancelled' } }]);
  expect(outcome.skipped.toSorted()).toEqual(['b', 'later', 'queued']);
  expect(rig.log()).toContain('skipped queued because cancelled');
  expect(rig.log()).toContain('skipped b because a');
});

test('a step that finishes in spite of the signal is kept', async () => {
  const rig = new Rig();
  rig.hold('a');
  const running = rig.run([step('a'), step('b', ['a'])]);
  await rig.runs('a');
  rig.controller.abort();
  rig.release('a');
  const outcome = await running;
  expect(outcome).toMatchObject({ ok: false, failures: [], skipped: ['b'] });
  expect([...outcome.records.keys()]).toEqual(['a']);
});

test('a run that is cancelled before it starts runs nothing', async () => {
  const rig = new Rig();
  rig.controller.abort();
  expect(await rig.run([step('a')])).toMatchObject({ ok: false, failures: [], skipped: ['a'] });
});

test('a log that cannot be written fails the step, but does not hide its own failure', async () => {
  const rig = new Rig();
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const logSink = () => ({ path: 'runs/x/a.log', write: () => undefined, close: () => Promise.reject(full) });
  rig.behaviours.set('b', fail('own failure'));
  const outcome = await rig.run([step('a'), step('b')], { logSink, keepGoing: true });
  expect(outcome.failures.map(({ step: id, failure }) => `${id} ${failure.kind}`).sort()).toEqual([
    'a DiskFull',
    'b AptFailed',
  ]);
});

test('the log is closed whatever happens', async () => {
  const rig = new Rig();
  let open = 0;
  const logSink = (id: string) => {
    open += 1;
    return { path: id, write: () => undefined, close: () => Promise.resolve((open -= 1)) };
  };
  rig.behaviours.set('b', fail('no'));
  rig.behaviours.set('c', () => {
    throw new Error('thrown before it is a promise');
  });
  await rig.run([step('a'), step('b'), step('c')], { logSink, keepGoing: true });
  expect(open).toBe(0);
  await rig.run([step('a')], { logSink });
  expect(rig.log()).toEqual(['cached a']);
});

test('a later run goes on where the failed one stopped', async () => {
  const rig = new Rig();
  rig.behaviours.set('b', fail('no'));
  const steps = [step('a'), step('b', ['a']), step('c', ['b'])];
  await rig.run(steps);
  rig.behaviours.set('b', usual);
  expect((await rig.run(steps)).ok).toBe(true);
  expect(rig.log()).toEqual(['cached a', 'started b', 'made b', 'started c', 'made c']);
});
