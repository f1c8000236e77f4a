import { beforeAll, describe, expect, it } from 'vitest';
import { cacheKeys, type CacheKeys } from '../../../pipeline/plan/cache-key.ts';
import type { Plan, StageName, Step } from '../../../pipeline/plan/step.ts';
import { stages } from '../../../pipeline/stages/index.ts';
import { planNamed } from './recipes.ts';

let plan: Plan;
let before: CacheKeys;
beforeAll(async () => {
  plan = await planNamed('hello');
  before = cacheKeys(plan, stages);
});

/** The plan with other params in every step of a stage. */
function changed(stage: StageName): Plan {
  const steps = plan.steps.map((step) =>
    step.stage === stage ? ({ ...step, params: { ...step.params, changed: true } } as unknown as Step) : step,
  );
  expect(steps).not.toEqual(plan.steps);
  return { ...plan, steps };
}

describe('cache keys', () => {
  it('are each the beginning of the one before, and the same for the same plan', async () => {
    expect(before.recipe).toBe('hello-');
    expect(before.sources).toMatch(/^hello-[0-9a-f]{16}-$/);
    expect(before.packages).toMatch(/^hello-[0-9a-f]{16}-[0-9a-f]{16}$/);
    expect(before.packages.startsWith(before.sources)).toBe(true);
    expect(cacheKeys(await planNamed('hello'), stages)).toEqual(before);
  });

  it('a patch or configuration value changes only the packages', () => {
    const after = cacheKeys(changed('assemble-srpm'), stages);
    expect(after.sources).toBe(before.sources);
    expect(after.packages).not.toBe(before.packages);
  });

  it('a source or the builder changes both', () => {
    for (const stage of ['fetch-file', 'builder-image'] as const) {
      const after = cacheKeys(changed(stage), stages);
      expect(after.sources).not.toBe(before.sources);
      expect(after.packages.slice(-16)).not.toBe(before.packages.slice(-16));
    }
  });

  it('what comes after the packages changes nothing', () => {
    expect(cacheKeys(changed('snapshot'), stages)).toEqual(before);
  });

  it('a new version of a stage changes them', () => {
    const newer = { ...stages, 'rebuild-srpm': { version: stages['rebuild-srpm'].version + 1 } };
    expect(cacheKeys(plan, newer).packages).not.toBe(before.packages);
  });

  it('hints do not: mirrors, the compiler cache, jobs', () => {
    const steps = plan.steps.map((step) => ({ ...step, hints: { ...step.hints, other: 1 } }) as unknown as Step);
    expect(cacheKeys({ ...plan, steps }, stages)).toEqual(before);
  });

  it('of one target leave out what it does not need', () => {
    const one = cacheKeys(plan, stages, ['rebuild-srpm:hello-backend']);
    expect(one.packages).not.toBe(before.packages);
    const other = changed('assemble-srpm');
    const steps = other.steps.map((step) =>
      step.id === 'assemble-srpm:hello-backend' ? (plan.steps.find(({ id }) => id === step.id) ?? step) : step,
    );
    expect(cacheKeys({ ...other, steps }, stages, ['rebuild-srpm:hello-backend'])).toEqual(one);
  });
});
