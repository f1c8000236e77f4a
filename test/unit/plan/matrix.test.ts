import { describe, expect, test } from 'vitest';
import { planMatrix } from '../../../pipeline/plan/matrix.ts';
import type { Plan, Step, StepOf } from '../../../pipeline/plan/step.ts';
import { planNamed } from './recipes.ts';

const kernels = [
  { package: 'kernel-director', slot: 0, needs: [] },
  { package: 'kernel-backend', slot: 1, needs: [] },
];
const tools = [{ package: 'lvs-tools', slot: 2, needs: ['kernel-director'] }];
const GOLDEN = {
  hello: [
    [
      { package: 'hello-director', slot: 0, needs: [] },
      { package: 'hello-backend', slot: 1, needs: [] },
    ],
  ],
  lts: [kernels, tools],
  el6: [kernels, tools],
};

describe('the packages of a plan as jobs', () => {
  test.each(['hello', 'lts', 'el6'] as const)('of %s', async (recipe) => {
    const plan = await planNamed(recipe);
    expect(planMatrix(plan, ['publish'])).toEqual({ recipe, waves: GOLDEN[recipe] });
  });

  test('only what the targets need; slots count from 0', async () => {
    const plan = await planNamed('lts');
    expect(planMatrix(plan, ['rebuild-srpm:kernel-backend']).waves).toEqual([
      [{ package: 'kernel-backend', slot: 0, needs: [] }],
    ]);
    expect(planMatrix(plan, ['rebuild-srpm:lvs-tools']).waves).toEqual([
      [{ package: 'kernel-director', slot: 0, needs: [] }],
      [{ package: 'lvs-tools', slot: 1, needs: ['kernel-director'] }],
    ]);
    expect(planMatrix(plan, ['fetch-apt:keepalived']).waves).toEqual([]);
  });

  test('a chain: each names all that it needs, nearest last, and stands a wave behind', async () => {
    const plan = chain(await planNamed('lts'), ['a', 'b', 'c']);
    expect(planMatrix(plan, ['rebuild-srpm:c']).waves).toEqual([
      [{ package: 'a', slot: 0, needs: [] }],
      [{ package: 'b', slot: 1, needs: ['a'] }],
      [{ package: 'c', slot: 2, needs: ['a', 'b'] }],
    ]);
  });
});

/** The plan with builds of these names instead of its own, each of which needs the one before. */
function chain(plan: Plan, names: readonly string[]): Plan {
  const isBuild = (step: Step): step is StepOf<'rebuild-srpm'> => step.stage === 'rebuild-srpm';
  const like = plan.steps.find(isBuild);
  if (like === undefined) throw new Error('no build in the plan');
  const before = plan.steps.slice(0, plan.steps.indexOf(like));
  const builds = names.map((name, index) => ({
    ...like,
    id: `rebuild-srpm:${name}`,
    params: { ...like.params, package: name },
    inputs: {
      ...like.inputs,
      deps: index === 0 ? [] : [{ step: `rebuild-srpm:${names[index - 1]}`, kind: 'rpm' as const }],
    },
  }));
  return { ...plan, steps: [...before, ...builds] };
}
