import { describe, expect, it } from 'vitest';
import type { ContainersHarness } from './containers.contract.ts';
import { failureFrom, linesOf, specFor, start } from './containers.use.ts';
import { programs } from './programs.ts';

/** Everything that ends a run from outside, and what is left of it. */
export function stopsContract(harness: () => ContainersHarness): void {
  const stay = (more = {}, containers = harness().containers): ReturnType<typeof start> =>
    start(containers, specFor(harness(), programs.stays, more));

  describe('stopping', () => {
    it('an abort kills and removes within two seconds', async () => {
      const watched = stay();
      await watched.started;
      const aborted = performance.now();
      watched.abort();
      expect(await failureFrom(watched.done)).toEqual({ kind: 'Cancelled' });
      expect(performance.now() - aborted).toBeLessThan(2000);
      expect(await harness().left()).toEqual([]);
      expect(await harness().leftVolumes()).toEqual([]);
    });

    it('an abort before the start makes nothing', async () => {
      const watched = stay();
      watched.abort();
      expect(await failureFrom(watched.done)).toEqual({ kind: 'Cancelled' });
      expect(watched.lines).toEqual([]);
      expect(await harness().left()).toEqual([]);
    });

    it('silence kills', async () => {
      const watched = stay({ idleSeconds: 1 });
      const { step } = watched.spec;
      const failure = await failureFrom(watched.done);
      expect(failure).toEqual({ kind: 'ContainerIdle', step, seconds: 1, tail: ['started'] });
      expect(await harness().left()).toEqual([]);
    });

    it('a container that somebody removes is a failure, not an end', async () => {
      const watched = stay();
      await watched.started;
      await harness().removeBehind(watched.spec.step);
      expect(await failureFrom(watched.done)).toMatchObject({ kind: 'ContainerVanished', step: watched.spec.step });
      expect(await harness().left()).toEqual([]);
      expect(await harness().leftVolumes()).toEqual([]);
    });

    it('runs at the same time do not disturb each other', async () => {
      const [one, two] = [stay(), stay()];
      await Promise.all([one.started, two.started]);
      one.abort();
      expect(await failureFrom(one.done)).toEqual({ kind: 'Cancelled' });
      expect((await harness().left()).map((labels) => labels['fullnat-factory.step'])).toEqual([two.spec.step]);
      two.abort();
      expect(await failureFrom(two.done)).toEqual({ kind: 'Cancelled' });
      expect(linesOf(two)).toEqual(['started']);
    });
  });

  describe('ownership', () => {
    it('a container carries the labels of owner, run and step', async () => {
      const watched = stay({}, harness().another('label-run'));
      await watched.started;
      const [labels] = await harness().left();
      watched.abort();
      await failureFrom(watched.done);
      expect(labels).toMatchObject({
        'fullnat-factory': '1',
        'fullnat-factory.run': 'label-run',
        'fullnat-factory.step': watched.spec.step,
      });
      expect(labels?.['fullnat-factory.owner']).toBeTruthy();
    });

    it('a sweep takes what another run left and nothing of its own', async () => {
      const mine = stay();
      const leftover = stay({}, harness().another('dead-run'));
      await Promise.all([mine.started, leftover.started]);
      const swept = await harness().containers.sweep();
      expect(swept.containers).toHaveLength(1);
      expect(await failureFrom(leftover.done)).toMatchObject({ kind: 'ContainerVanished' });
      expect((await harness().left()).map((labels) => labels['fullnat-factory.step'])).toEqual([mine.spec.step]);
      mine.abort();
      await failureFrom(mine.done);
      expect((await harness().containers.sweep()).containers).toEqual([]);
    });
  });
}
