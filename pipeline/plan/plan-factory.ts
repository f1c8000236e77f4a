import type { Lock } from '../recipe/lock.ts';
import type { Package, Recipe } from '../recipe/recipe.ts';
import type { FileRef } from './params.ts';
import { planPackage } from './plan-package.ts';
import type { PackageContext, PlannedPackage } from './plan-package.ts';
import { planSources } from './plan-sources.ts';
import { plannedStep, scriptsOf } from './steps.ts';
import type { Made, Planned } from './steps.ts';
import type { Handle, Plan, StageName, Step, StepOf } from './step.ts';

/** What a plan depends on beside recipe and lock. */
export interface PlanOptions {
  /** Refuse sources that the lock does not pin. */
  readonly frozen: boolean;
  /** dockerfiles/steps/*.sh by file name. */
  readonly scripts: ReadonlyMap<string, FileRef>;
  /** Base URLs under which pinned http sources are tried first, by file name. */
  readonly mirrors?: readonly string[];
}

/** Takes planned steps in order and gives back what they make. */
export type Add = <S extends StageName>(planned: Planned<S>) => Made<S>;

/**
 * All steps of a recipe, as plain data and without looking at anything but its arguments. Failures: SourceNotLocked,
 * ChecksumMismatch (the lock contradicts the recipe).
 */
export function planFactory(recipe: Recipe, lock: Lock, options: PlanOptions): Plan {
  const steps: Step[] = [];
  const add: Add = <S extends StageName>({ step, made }: Planned<S>) => {
    // Every StepOf<S> is one of the union; TypeScript cannot see that for a generic S.
    steps.push(step as StepOf<StageName> as Step);
    return made;
  };
  const { image: base } = add(
    plannedStep('base-image', null, `base image ${recipe.base.image}`, baseParams(recipe), {}, {}),
  );
  const sources = planSources({ recipe, lock, options, base, add });
  const builder = planImage(recipe.builder, base, add);
  const context: PackageContext = { recipe, scripts: options.scripts, builder, sources, add };
  const packages = new Map<string, PlannedPackage>();
  for (const one of recipe.packages) packages.set(one.name, planPackage(one, packages, context));
  const { key } = add(
    plannedStep(
      'signing-key',
      null,
      `signing key of ${recipe.signing.name}`,
      { ...recipe.signing, scripts: scriptsOf('signing-key', options.scripts) },
      { builder },
      {},
    ),
  );
  const signed = recipe.packages.map((one) => planSign(one, packages, { builder, key, options, add }));
  const { snapshot } = add(
    plannedStep(
      'snapshot',
      null,
      `signed repository of ${recipe.name}`,
      { recipe: recipe.name, epoch: recipe.epoch, scripts: scriptsOf('snapshot', options.scripts) },
      { builder, key, rpms: signed.map(({ rpms }) => rpms), srpms: signed.map(({ srpm }) => srpm) },
      {},
    ),
  );
  const target = planImage(recipe.target, base, add);
  const evidence = planVerifications(recipe, options, target, snapshot, add);
  const { baseUrl } = recipe.publish;
  add(
    plannedStep(
      'publish',
      null,
      `publish ${recipe.name}`,
      { recipe: recipe.name },
      { snapshot, evidence },
      { baseUrl },
    ),
  );
  return { recipe: recipe.name, steps };
}

function baseParams({ base, epoch }: Recipe) {
  const { name, image, digest, bootstrap } = base;
  return { name, image, digest, bootstrap: bootstrap === null ? null : { ...bootstrap, epoch } };
}

function planImage(image: Recipe['builder'], base: Handle<'image'>, add: Add): Handle<'image'> {
  const { name, context } = image;
  return add(plannedStep('builder-image', name, `image ${name}`, { name, context }, { base }, {})).image;
}

function planSign(
  one: Package,
  packages: ReadonlyMap<string, PlannedPackage>,
  {
    builder,
    key,
    options,
    add,
  }: { builder: Handle<'image'>; key: Handle<'public-key'>; options: PlanOptions; add: Add },
): Made<'sign'> {
  const made = packages.get(one.name);
  if (made === undefined) throw new Error(`package ${one.name} is not planned`);
  const params = { package: one.name, scripts: scriptsOf('sign', options.scripts) };
  const inputs = { builder, key, rpms: [made.rpms], srpm: made.srpm };
  return add(plannedStep('sign', one.name, `sign ${one.name}`, params, inputs, {}));
}

function planVerifications(
  recipe: Recipe,
  { scripts }: PlanOptions,
  target: Handle<'image'>,
  snapshot: Handle<'snapshot'>,
  add: Add,
): Handle<'evidence'>[] {
  const buildids = new Map(recipe.packages.map((one) => [one.name, one.buildid ?? '']));
  return recipe.roles.map(({ name, packages, checks }) => {
    const params = {
      recipe: recipe.name,
      role: name,
      packages: packages.map(({ package: from, rpm }) => ({ name: rpm, releaseSuffix: buildids.get(from) ?? '' })),
      checks,
      scripts: scriptsOf('verify-install', scripts),
    };
    return add(
      plannedStep('verify-install', name, `install ${name} on ${recipe.target.name}`, params, { target, snapshot }, {}),
    ).evidence;
  });
}
