import type { Recipe } from '../recipe/recipe.ts';
import type { Add, PlanOptions } from './plan-factory.ts';
import { plannedStep, rpmNamed, scriptsOf } from './steps.ts';
import type { Made } from './steps.ts';
import type { Handle } from './step.ts';

/** What plan-install looks at beside the recipe. `signed`: by name of the package. */
interface InstallContext {
  readonly options: PlanOptions;
  readonly publisher: Handle<'image'>;
  readonly key: Handle<'public-key'>;
  readonly signed: ReadonlyMap<string, Made<'sign'> | undefined>;
  readonly pair: readonly Handle<'pair'>[];
  readonly add: Add;
}

/** What hosts are told, by all roles together. */
export interface PlannedInstall {
  readonly manifests: readonly Handle<'install-manifest'>[];
  readonly devices: readonly Handle<'devices'>[];
  readonly hostFiles: readonly Handle<'host-file'>[];
}

/** The install manifests of the roles that say what their hosts become. It runs on the very packages that would be published. */
export function planInstall(recipe: Recipe, { signed, add, ...context }: InstallContext): PlannedInstall {
  const { options, publisher, key, pair } = context;
  const planned = recipe.roles.flatMap(({ name, packages, checks, host }) => {
    if (host === null) return [];
    const rpms = packages.map(({ package: from, rpm }) => {
      const made = signed.get(from);
      if (made === undefined) throw new Error(`package ${from} is not planned`);
      return rpmNamed(made.rpms, rpm);
    });
    const params = {
      recipe: recipe.name,
      role: name,
      host,
      checks,
      scripts: scriptsOf('install-manifest', options.scripts),
    };
    const inputs = { publisher, key, rpms, pair };
    const title = `what a ${name} installs and changes`;
    const made = add(plannedStep('install-manifest', name, title, params, inputs, {}));
    return [{ made, hasFiles: host.files.length > 0 }];
  });
  return {
    manifests: planned.map(({ made }) => made.manifest),
    devices: planned.map(({ made }) => made.devices),
    hostFiles: planned.filter(({ hasFiles }) => hasFiles).map(({ made }) => made.files),
  };
}
