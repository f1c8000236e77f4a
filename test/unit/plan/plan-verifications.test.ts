import { expect, test } from 'vitest';
import type { Plan, StageName, StepOf } from '../../../pipeline/plan/step.ts';
import { planNamed } from './recipes.ts';

function stepsOf<S extends StageName>(plan: Plan, stage: S): StepOf<S>[] {
  return plan.steps.filter((one) => one.stage === stage) as unknown as StepOf<S>[];
}

test('what was installed is booted, and nothing is published before both are proven', async () => {
  const plan = await planNamed('lts');
  const [boot] = stepsOf(plan, 'verify-boot');
  expect(boot?.inputs).toMatchObject({
    snapshot: { step: 'snapshot' },
    director: { step: 'verify-install:director', kind: 'rootfs' },
    backend: { step: 'verify-install:backend', kind: 'rootfs' },
  });
  expect(boot?.params.kernels).toEqual({ director: '.ipvs_20bit', backend: '.toa' });
  const [publish] = stepsOf(plan, 'publish');
  expect(publish?.inputs.evidence.map(({ step }) => step)).toEqual(
    expect.arrayContaining(['verify-install:director', 'verify-install:backend', 'verify-boot']),
  );
  const order = plan.steps.map(({ id }) => id);
  expect(order.indexOf('verify-boot')).toBeGreaterThan(order.indexOf('verify-install:backend'));
  expect(order.indexOf('publish')).toBeGreaterThan(order.indexOf('verify-boot'));
  expect(stepsOf(plan, 'verify-install').map(({ params }) => params.rootfs)).toEqual([true, true]);
});

test('a recipe that boots nothing hands no file system on and needs no emulator', async () => {
  const plan = await planNamed('hello');
  expect(stepsOf(plan, 'verify-boot')).toEqual([]);
  expect(stepsOf(plan, 'verify-install').map(({ params }) => params.rootfs)).toEqual([false, false]);
  expect(plan.steps.map(({ id }) => id)).not.toContain('builder-image:qemu-runner');
});
