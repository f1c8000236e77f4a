import { expect, test } from 'vitest';
import { didYouMean, distance } from '../../../pipeline/plan/similar.ts';
import { targetSteps } from '../../../pipeline/plan/targets.ts';
import { selectSteps } from '../../../pipeline/run/select.ts';
import { thrown } from '../recipe/hello-copy.ts';
import { planNamed, readNamed } from './recipes.ts';

const [recipe, plan, hello, helloPlan] = await Promise.all([
  readNamed('lts'),
  planNamed('lts'),
  readNamed('hello'),
  planNamed('hello'),
]);

test.each([
  [['kernels'], ['rebuild-srpm:kernel-director', 'rebuild-srpm:kernel-backend']],
  [['tools'], ['rebuild-srpm:lvs-tools']],
  [['kernel-backend'], ['rebuild-srpm:kernel-backend']],
  [['snapshot'], ['snapshot']],
  [['publish'], ['publish']],
  [
    ['sign:lvs-tools', 'fetch-apt:ipvsadm', 'sign:lvs-tools'],
    ['fetch-apt:ipvsadm', 'sign:lvs-tools'],
  ],
])('%j', (names, steps) => {
  expect(targetSteps(plan, recipe, names)).toEqual(steps);
});

test('no name is everything that publish needs', () => {
  const targets = targetSteps(plan, recipe, []);
  expect(targets).toEqual(['snapshot', 'verify-install:director', 'verify-install:backend', 'verify-boot']);
  const needed = selectSteps(plan, targets).steps.map(({ id }) => id);
  expect(needed).toEqual(plan.steps.map(({ id }) => id).filter((id) => id !== 'publish'));
});

test('sources that nothing needs are not fetched', async () => {
  const el6 = await planNamed('el6');
  const needed = selectSteps(el6, targetSteps(el6, await readNamed('el6'), [])).steps.map(({ id }) => id);
  expect(needed).toContain('fetch-http:lvs-package');
  expect(needed).not.toContain('fetch-http:lvs-tree');
});

test('an unknown name is a usage error with the list and a suggestion', () => {
  const failure = thrown('Usage', () => targetSteps(plan, recipe, ['kernel-directr']));
  expect(failure.message).toBe('unknown target "kernel-directr"; did you mean "kernel-director"?');
  expect(failure.advice).toContain('kernels, tools, snapshot, publish, kernel-director, kernel-backend, lvs-tools');
  expect(failure.advice).toContain('rebuild-srpm:kernel-director');
});

test('a word that means nothing in this recipe is not silently nothing', () => {
  expect(thrown('Usage', () => targetSteps(helloPlan, hello, ['tools'])).message).toBe('recipe hello has no tools');
});

test('distance counts swaps as one', () => {
  expect(distance('', 'abc')).toBe(3);
  expect(distance('fiel', 'file')).toBe(1);
  expect(distance('kitten', 'sitting')).toBe(3);
});

test('suggestions are near or none', () => {
  expect(didYouMean('fiel', ['kind', 'file'])).toBe('file');
  expect(didYouMean('kernel', ['tools', 'kernel-director'])).toBe('kernel-director');
  expect(didYouMean('xyz', ['kind', 'file'])).toBeUndefined();
});
