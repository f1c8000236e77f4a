import type { Package, Recipe } from '../recipe/recipe.ts';
import { buildidEdit } from '../rpm/spec-edit.ts';
import { templatesIn } from '../rpm/templates.ts';
import type { ConfigValues, FileRef } from './params.ts';
import type { Add } from './plan-factory.ts';
import type { PlannedSource, PlannedSources } from './plan-sources.ts';
import { plannedStep, rpmNamed, scriptsOf } from './steps.ts';
import type { Handle } from './step.ts';

/** What a package gives to later steps. */
export interface PlannedPackage {
  readonly srpm: Handle<'srpm'>;
  readonly rpms: Handle<'rpm'>;
}

export interface PackageContext {
  readonly recipe: Recipe;
  readonly scripts: ReadonlyMap<string, FileRef>;
  readonly builder: Handle<'image'>;
  readonly sources: PlannedSources;
  readonly add: Add;
}

/** Assembles the source package of a package, then rebuilds it. */
export function planPackage(
  one: Package,
  packages: ReadonlyMap<string, PlannedPackage>,
  context: PackageContext,
): PlannedPackage {
  const { recipe, scripts, builder, add } = context;
  const settings = { defines: { dist: recipe.dist, ...one.defines }, with: one.with, epoch: recipe.epoch };
  const { srpm } = planAssemble(one, settings, context);
  const { config } = one;
  const { rpms } = add(
    plannedStep(
      'rebuild-srpm',
      one.name,
      `build ${one.name}`,
      {
        package: one.name,
        ...settings,
        produces: one.produces,
        config: config === null ? null : { final: config.final, wanted: config.wanted, values: config.values },
        scripts: scriptsOf('rebuild-srpm', scripts),
      },
      { builder, srpm, deps: one.needs.map((need) => rpmNamed(known(packages, need.package).rpms, need.rpm)) },
      { ccache: one.ccache, objects: one.objects, treeBytes: one.treeBytes },
    ),
  );
  return { srpm, rpms };
}

type Settings = Pick<Package, 'defines' | 'with'> & { readonly epoch: number };

function planAssemble(one: Package, settings: Settings, { scripts, builder, sources, add }: PackageContext) {
  const used = one.sources.map(({ source, as }) => ({ planned: known(sources, source), as }));
  const infos = versionsOf(one, sources);
  const srpm = one.srpm === null ? [] : [known(sources, one.srpm).file];
  return add(
    plannedStep(
      'assemble-srpm',
      one.name,
      `source package of ${one.name}`,
      {
        package: one.name,
        ...settings,
        spec: one.spec,
        files: one.files,
        sourceNames: used.map(({ planned, as }) => as ?? planned.fileName ?? ''),
        infoNames: infos.map(({ name }) => name),
        edits: [...(one.buildid === null ? [] : [buildidEdit(one.spec, one.buildid)]), ...one.edits],
        configSet: configEdit(one, 'set'),
        configAdd: configEdit(one, 'add'),
        patches: one.patches,
        scripts: scriptsOf('assemble-srpm', scripts, srpm.length > 0 ? ['unpack-srpm.sh'] : []),
      },
      { builder, sources: used.map(({ planned }) => planned.file), infos: infos.map(({ info }) => info), srpm },
      {},
    ),
  );
}

function configEdit({ config }: Package, which: 'set' | 'add'): { file: string; values: ConfigValues } | null {
  if (config === null || Object.keys(config[which]).length === 0) return null;
  return { file: config.fragment, values: config[which] };
}

/** The sources whose versions the package's templates ask for: only these versions are in its key. */
function versionsOf(one: Package, sources: PlannedSources): { name: string; info: Handle<'source-info'> }[] {
  const texts = [
    ...one.sources.map(({ as }) => as ?? ''),
    ...one.edits.map((edit) => (edit.op === 'replace' ? edit.with : edit.text)),
  ];
  const names = [...new Set(texts.flatMap(templatesIn).map(({ source }) => source))].sort();
  return names.flatMap((name) => {
    const { info }: PlannedSource = known(sources, name);
    return info === null ? [] : [{ name, info }];
  });
}

function known<T>(planned: ReadonlyMap<string, T>, name: string): T {
  const value = planned.get(name);
  if (value === undefined) throw new Error(`${name} is not planned yet`);
  return value;
}
