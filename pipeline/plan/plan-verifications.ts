import type { Recipe } from '../recipe/recipe.ts';
import type { Add, PlanOptions } from './plan-factory.ts';
import type { PlannedImages } from './plan-images.ts';
import { plannedStep, scriptsOf } from './steps.ts';
import type { Made } from './steps.ts';
import type { Handle } from './step.ts';

interface VerificationsContext {
  readonly options: PlanOptions;
  readonly images: PlannedImages;
  readonly snapshot: Handle<'snapshot'>;
  readonly add: Add;
}

/** What a snapshot has to pass before it is published: every role is installed; where the recipe says how, all are booted. */
export function planVerifications(recipe: Recipe, context: VerificationsContext): Handle<'evidence'>[] {
  const installed = new Map(recipe.roles.map((role) => [role.name, planInstall(recipe, role, context)]));
  const evidence = [...installed.values()].map((made) => made.evidence);
  return recipe.boot === null ? evidence : [...evidence, planBoot(recipe, recipe.boot, installed, context)];
}

function planInstall(
  recipe: Recipe,
  { name, packages, checks }: Recipe['roles'][number],
  { options, images, snapshot, add }: VerificationsContext,
): Made<'verify-install'> {
  const booted = recipe.boot === null ? [] : [recipe.boot.how.director.role, recipe.boot.how.backend.role];
  const params = {
    recipe: recipe.name,
    role: name,
    packages: packages.map(({ package: from, rpm }) => ({ name: rpm, releaseSuffix: buildidOf(recipe, from) })),
    checks,
    rootfs: booted.includes(name),
    scripts: scriptsOf('verify-install', options.scripts),
  };
  const inputs = { target: images.image(recipe.target), snapshot };
  return add(plannedStep('verify-install', name, `install ${name} on ${recipe.target.name}`, params, inputs, {}));
}

function planBoot(
  recipe: Recipe,
  { runner, how }: NonNullable<Recipe['boot']>,
  installed: ReadonlyMap<string, Made<'verify-install'>>,
  { options, images, snapshot, add }: VerificationsContext,
): Handle<'evidence'> {
  const kernel = (role: string): string => {
    const packages = recipe.roles.find(({ name }) => name === role)?.packages ?? [];
    const from = packages.find(({ rpm }) => rpm === 'kernel')?.package;
    if (from === undefined) throw new Error(`role ${role} has no kernel`);
    return buildidOf(recipe, from);
  };
  const rootfs = (role: string): Handle<'rootfs'> => {
    const made = installed.get(role);
    if (made === undefined) throw new Error(`role ${role} is not in the recipe`);
    return made.rootfs;
  };
  const params = {
    recipe: recipe.name,
    boot: how,
    kernels: { director: kernel(how.director.role), backend: kernel(how.backend.role) },
    scripts: scriptsOf('verify-boot', options.scripts),
  };
  const inputs = {
    runner: images.image(runner),
    snapshot,
    director: rootfs(how.director.role),
    backend: rootfs(how.backend.role),
  };
  return add(plannedStep('verify-boot', null, 'boot director and backends, send traffic', params, inputs, {})).evidence;
}

function buildidOf(recipe: Recipe, name: string): string {
  return recipe.packages.find((one) => one.name === name)?.buildid ?? '';
}
