import type { Recipe } from '../recipe/recipe.ts';
import { FactoryError } from '../run/failure.ts';
import { meant } from './similar.ts';
import type { Plan } from './step.ts';

/** Words of `--only` that mean several steps. */
const WORDS = ['kernels', 'tools', 'snapshot', 'publish'] as const;

/** What `--only` may name beside step ids. */
function targetNames(recipe: Recipe): string[] {
  return [...WORDS, ...recipe.packages.map(({ name }) => name)];
}

/**
 * The steps that the names of `--only` mean, in plan order: `kernels` and `tools` are the built packages of a group, a
 * package is that package as it was built (not signed yet), anything else is a step id. No name at all: everything
 * that publish needs, and what of the sources nobody needs is not fetched. Failures: Usage with what there is.
 */
export function targetSteps(plan: Plan, recipe: Recipe, names: readonly string[]): string[] {
  const ids = plan.steps.map(({ id }) => id);
  if (names.length === 0) return beforePublish(plan);
  const wanted = new Set(names.flatMap((name) => stepsOf(name, ids, recipe)));
  return ids.filter((id) => wanted.has(id));
}

/** The snapshot and its evidence. A plan without publish: everything in it. */
function beforePublish(plan: Plan): string[] {
  const publish = plan.steps.find((step) => step.stage === 'publish');
  if (publish === undefined) return plan.steps.map(({ id }) => id);
  // Not what signs the pointer: that is no result.
  const needed = [publish.inputs.snapshot, ...publish.inputs.evidence].map(({ step }) => step);
  return plan.steps.map(({ id }) => id).filter((id) => needed.includes(id));
}

function stepsOf(name: string, ids: readonly string[], recipe: Recipe): readonly string[] {
  if (ids.includes(name)) return [name];
  const packages = recipe.packages.filter((one) => one.name === name || one.group === name);
  if (packages.length > 0) return packages.map((one) => `rebuild-srpm:${one.name}`);
  const targets = targetNames(recipe);
  if (name === 'kernels' || name === 'tools') {
    throw new FactoryError({ kind: 'Usage', message: `recipe ${recipe.name} has no ${name}`, advice: advice(recipe) });
  }
  const message = `unknown target "${name}"${meant(name, [...targets, ...ids])}`;
  throw new FactoryError({ kind: 'Usage', message, advice: `${advice(recipe)}; or a step: ${ids.join(', ')}` });
}

function advice(recipe: Recipe): string {
  return `Targets: ${targetNames(recipe).join(', ')}`;
}
