import type { Package, Recipe } from '../recipe/recipe.ts';
import { buildidEdit } from '../rpm/spec-edit.ts';
import { templatesIn } from '../rpm/templates.ts';
import type { AssembleSrpmParams, ConfigValues } from './params.ts';
import type { Add, PlanOptions } from './plan-factory.ts';
import type { PlannedImages } from './plan-images.ts';
import type { PlannedSources } from './plan-sources.ts';
import { ARCHIVE, plannedStep, rpmNamed, scriptsOf } from './steps.ts';
import type { Handle } from './step.ts';

/** What a package gives to later steps. */
export interface PlannedPackage {
  readonly srpm: Handle<'srpm'>;
  readonly rpms: Handle<'rpm'>;
}

export interface PackageContext {
  readonly recipe: Recipe;
  readonly options: PlanOptions;
  readonly images: PlannedImages;
  readonly sources: PlannedSources;
  readonly add: Add;
}

/** Assembles the source package of a package, then rebuilds it. */
export function planPackage(
  one: Package,
  packages: ReadonlyMap<string, PlannedPackage>,
  context: PackageContext,
): PlannedPackage {
  const { recipe, options, images, add } = context;
  const builder = images.builder();
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
        optional: one.optional,
        config: config === null ? null : { final: config.final, wanted: config.wanted, values: config.values },
        signedModules: one.signedModules,
        scripts: scriptsOf('rebuild-srpm', options.scripts),
      },
      { builder, srpm, deps: one.needs.map((need) => rpmNamed(known(packages, need.package).rpms, need.rpm)) },
      { ccache: one.ccache, objects: one.objects, treeBytes: one.treeBytes, memoryBytes: one.memoryBytes },
    ),
  );
  return { srpm, rpms };
}

type Settings = Pick<Package, 'defines' | 'with'> & { readonly epoch: number };

function planAssemble(one: Package, settings: Settings, context: PackageContext) {
  const { recipe, options, images, sources, add } = context;
  const used = one.sources.map(({ source, as }) => ({ planned: sources.get(source), as }));
  const infos = versionsOf(one, sources);
  const srpm = one.srpm === null ? [] : [sources.get(one.srpm).file];
  const tree = planTree(one, context);
  // A tree that has the patches in it takes the place of the archive to which they would be applied.
  const upstream = tree.length > 0 ? [] : one.patchSources.map((name) => sources.get(name));
  const patches = upstream.length === 0 && one.patches?.files.length === 0 ? null : one.patches;
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
        sourceNames: [...used.map(({ planned, as }) => as ?? planned.fileName ?? ''), ...tree.map(({ as }) => as)],
        infoNames: infos.map(({ name }) => name),
        edits: [...(one.buildid === null ? [] : [buildidEdit(one.spec, one.buildid)]), ...one.edits],
        configSet: configEdit(one, 'set'),
        configAdd: configEdit(one, 'add'),
        ...configOverride(one),
        patchNames: upstream.map(({ fileName }) => fileName ?? ''),
        patches,
        limits: srpm.length > 0 ? recipe.limits : null,
        scripts: scriptsOf('assemble-srpm', options.scripts, srpm.length > 0 ? ['unpack-srpm.sh', ...ARCHIVE] : []),
      },
      {
        builder: images.builder(),
        sources: [...used.map(({ planned }) => planned.file), ...tree.map(({ file }) => file)],
        infos: infos.map(({ info }) => info),
        patches: upstream.map(({ file }) => file),
        srpm,
      },
      {},
    ),
  );
}

/** None or one: the archive made of the patched tree, where the package is built from that. */
function planTree(one: Package, { recipe, options, images, sources, add }: PackageContext) {
  const { patchedTree } = one;
  if (patchedTree === null || (options.kernelSource ?? one.source) !== 'patched-tree') return [];
  const { source, top, into, as: file, drop } = patchedTree;
  const params = {
    top,
    into,
    file,
    drop,
    epoch: recipe.epoch,
    limits: recipe.limits,
    scripts: scriptsOf('repack-tree', options.scripts),
  };
  const inputs = { publisher: images.image(recipe.publisher), archive: sources.get(source).file };
  const made = add(plannedStep('repack-tree', one.name, `${source} as ${file}`, params, inputs, {}));
  return [{ file: made.source, as: file }];
}

function configEdit({ config }: Package, which: 'set' | 'add'): { file: string; values: ConfigValues } | null {
  if (config === null || Object.keys(config[which]).length === 0) return null;
  return { file: config.fragment, values: config[which] };
}

function configOverride({ config }: Package): Pick<AssembleSrpmParams, 'configOverride'> {
  if (config?.strongest == null || Object.keys(config.override).length === 0) return {};
  return { configOverride: { file: config.strongest, values: config.override } };
}

/** The sources whose versions the package's templates ask for: only these versions are in its key. */
function versionsOf(one: Package, sources: PlannedSources): { name: string; info: Handle<'source-info'> }[] {
  const texts = [
    ...one.sources.map(({ as }) => as ?? ''),
    ...one.edits.map((edit) => (edit.op === 'replace' ? edit.with : edit.text)),
  ];
  const names = [...new Set(texts.flatMap(templatesIn).map(({ source }) => source))].sort();
  return names.flatMap((name) => {
    const { info } = sources.get(name);
    return info === null ? [] : [{ name, info }];
  });
}

function known<T>(planned: ReadonlyMap<string, T>, name: string): T {
  const value = planned.get(name);
  if (value === undefined) throw new Error(`${name} is not planned yet`);
  return value;
}
