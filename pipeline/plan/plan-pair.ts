import type { Package, Recipe } from '../recipe/recipe.ts';
import type { PairKernel, VerifyPairParams } from './pair.ts';
import type { Add, PlanOptions } from './plan-factory.ts';
import { plannedStep, rpmNamed, scriptsOf } from './steps.ts';
import type { Made } from './steps.ts';
import type { Handle } from './step.ts';

/** What plan-pair looks at beside the recipe. `signed`: by name of the package. */
export interface PairContext {
  readonly options: PlanOptions;
  readonly publisher: Handle<'image'>;
  readonly signed: ReadonlyMap<string, Made<'sign'> | undefined>;
  readonly add: Add;
}

/**
 * The gate between what was signed and the snapshot: none where the recipe names no pair. It runs on the very files that
 * would be published.
 */
export function planPair(recipe: Recipe, { options, publisher, signed, add }: PairContext): Handle<'pair'>[] {
  const { pair } = recipe;
  if (pair === null) return [];
  const { director, backend, tools, interface: shared } = pair;
  const [ofDirector, ofBackend, ofTools] = [
    known(signed.get(director.package), director.package),
    known(signed.get(backend.package), backend.package),
    known(signed.get(tools), tools),
  ];
  const params = {
    recipe: recipe.name,
    kernels: { director: kernelParams(recipe, director), backend: kernelParams(recipe, backend) },
    interface: shared,
    scripts: scriptsOf('verify-pair', options.scripts),
  };
  const inputs = {
    publisher,
    director: rpmNamed(ofDirector.rpms, 'kernel'),
    headers: rpmNamed(ofDirector.rpms, shared.kernel.rpm),
    backend: rpmNamed(ofBackend.rpms, 'kernel'),
    tools: [ofTools.rpms],
    srpm: ofTools.srpm,
  };
  return [
    add(plannedStep('verify-pair', null, `do kernels and tools of ${recipe.name} match`, params, inputs, {})).pair,
  ];
}

function kernelParams(recipe: Recipe, kernel: PairKernel): VerifyPairParams['kernels']['director'] {
  const { config, signedModules }: Package = known(
    recipe.packages.find(({ name }) => name === kernel.package),
    kernel.package,
  );
  return { ...kernel, signedModules, config: config?.values ?? {} };
}

function known<T>(found: T | undefined, name: string): T {
  if (found === undefined) throw new Error(`package ${name} is not planned`);
  return found;
}
