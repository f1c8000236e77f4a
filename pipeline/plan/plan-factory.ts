import type { Lock } from '../recipe/lock.ts';
import type { Package, Recipe } from '../recipe/recipe.ts';
import type { FileRef, SigningKeyParams } from './params.ts';
import { planCrossCheck } from './plan-cross-check.ts';
import { planImages } from './plan-images.ts';
import { hostScripts } from './host-scripts.ts';
import { planInstall } from './plan-install.ts';
import { planPackage } from './plan-package.ts';
import { planPair } from './plan-pair.ts';
import type { PackageContext, PlannedPackage } from './plan-package.ts';
import { planVerifications } from './plan-verifications.ts';
import { planSources } from './plan-sources.ts';
import { plannedStep, scriptsOf } from './steps.ts';
import type { Made, Planned } from './steps.ts';
import type { VendoredDir } from './vendored.ts';
import type { Handle, Plan, StageName, Step, StepOf } from './step.ts';

/** What a plan depends on beside recipe and lock. */
export interface PlanOptions {
  /** Refuse sources and images that the lock does not pin. */
  readonly frozen: boolean;
  /** Scripts of dockerfiles/steps/ by file name, and those of pipeline/host/ by their path below it. */
  readonly scripts: ReadonlyMap<string, FileRef>;
  /** Directories or base URLs in which files of http sources are looked for first. */
  readonly mirrors?: readonly string[];
  /** Directories that `factory vendor` made. */
  readonly vendored?: readonly VendoredDir[];
  /** Make images anew, whatever the engine has. */
  readonly freshImages?: boolean;
  /** `registry/path` below which images lie, in place of what the recipe says; null: no registry is asked. */
  readonly imageCache?: string | null;
  /** Image of the engine that takes the place of the recipe's builder. */
  readonly builderImage?: string;
  /** Images of the engine that take the place of the recipe's bases, by name of the base. */
  readonly baseImages?: Readonly<Record<string, string>>;
  /** Key files that the user gave for signatures of upstream. */
  readonly keyFiles?: readonly { readonly name: string; readonly base64: string }[];
  /** The user's own signing key, without its secret; absent: a demo key is made. */
  readonly signingKey?: Omit<SigningKeyParams, 'scripts'>;
  /** Overrides what the recipe says of packages that have a patched tree. */
  readonly kernelSource?: 'patch' | 'patched-tree';
}

/** Takes planned steps in order and gives back what they make. */
export type Add = <S extends StageName>(planned: Planned<S>) => Made<S>;

/**
 * All steps of a recipe, as plain data and without looking at anything but its arguments. Failures: SourceNotLocked,
 * ImageNotLocked, ChecksumMismatch (the lock contradicts the recipe).
 */
export function planFactory(recipe: Recipe, lock: Lock, options: PlanOptions): Plan {
  const steps: Step[] = [];
  const add: Add = <S extends StageName>({ step, made }: Planned<S>) => {
    // Every StepOf<S> is one of the union; TypeScript cannot see that for a generic S.
    steps.push(step as StepOf<StageName> as Step);
    return made;
  };
  // Images and sources need each other lazily: a base may be a source, a signature is checked in an image.
  const images = planImages(recipe, lock, options, add, (name) => sources.get(name).file);
  const sources = planSources({ recipe, lock, options, images, add });
  const publisher = images.image(recipe.publisher);
  const context: PackageContext = { recipe, options, images, sources, add };
  const packages = new Map<string, PlannedPackage>();
  for (const one of recipe.packages) packages.set(one.name, planPackage(one, packages, context));
  const { key } = add(
    plannedStep(
      'signing-key',
      null,
      `signing key of ${(options.signingKey ?? recipe.signing).name}`,
      { own: null, ...(options.signingKey ?? recipe.signing), scripts: scriptsOf('signing-key', options.scripts) },
      { builder: publisher },
      {},
    ),
  );
  const signed = recipe.packages.map((one) => planSign(one, packages, { builder: publisher, key, options, add }));
  const named = new Map(recipe.packages.map(({ name }, index) => [name, signed[index]]));
  const pair = planPair(recipe, { options, publisher, signed: named, add });
  const install = planInstall(recipe, { options, publisher, key, signed: named, pair, add });
  const installer = install.manifests.length > 0 ? ['install.sh'] : [];
  const { snapshot } = add(
    plannedStep(
      'snapshot',
      null,
      `signed repository of ${recipe.name}`,
      {
        recipe: recipe.name,
        ...(recipe.extends.length === 0 ? {} : { extends: recipe.extends }),
        epoch: recipe.epoch,
        unlocked: sources.unlocked(),
        upstream: sources.upstream(),
        hostScripts: hostScripts(installer, options.scripts),
        scripts: scriptsOf('snapshot', options.scripts),
      },
      {
        builder: publisher,
        key,
        rpms: signed.map(({ rpms }) => rpms),
        srpms: signed.map(({ srpm }) => srpm),
        pair,
        ...install,
      },
      {},
    ),
  );
  const evidence = planVerifications(recipe, { options, images, snapshot, add });
  const { baseUrl, validDays } = recipe.publish;
  add(
    plannedStep(
      'publish',
      null,
      `publish ${recipe.name}`,
      {
        recipe: recipe.name,
        validDays,
        hostScripts: hostScripts(['check-repository.sh', ...installer], options.scripts),
        scripts: scriptsOf('publish', options.scripts),
      },
      { builder: publisher, key, snapshot, evidence: [...sources.evidence(), ...evidence] },
      { baseUrl },
    ),
  );
  for (const one of recipe.packages) planCrossCheck(one, context);
  return { recipe: recipe.name, steps };
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
