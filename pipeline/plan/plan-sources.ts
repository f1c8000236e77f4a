import { lockedEntry } from '../recipe/lock.ts';
import type { Lock } from '../recipe/lock.ts';
import type { Recipe, Source } from '../recipe/recipe.ts';
import { FactoryError } from '../run/failure.ts';
import type { Add, PlanOptions } from './plan-factory.ts';
import type { PlannedImages } from './plan-images.ts';
import { planVerifySrpm } from './plan-verify-srpm.ts';
import { plannedStep, scriptsOf } from './steps.ts';
import type { Handle } from './step.ts';

/** What a source gives: its file, and what is known about its version. */
interface PlannedSource {
  readonly file: Handle<'source'>;
  /** Of an apt source, or of the one that it was taken out of. */
  readonly info: Handle<'source-info'> | null;
  /** Name of the file, where it is known before it is fetched. */
  readonly fileName: string | null;
}

/** Sources by name; one is planned together with what it is taken out of. */
export interface PlannedSources {
  get(name: string): PlannedSource;
  /** Outcomes of the signature checks. */
  evidence(): readonly Handle<'evidence'>[];
  /** Names of sources that nothing vouches for. */
  unlocked(): readonly string[];
  /** The recipe's first mirror of every download, by id of its step. */
  upstream(): Readonly<Record<string, string>>;
}

export interface SourcesContext {
  readonly recipe: Recipe;
  readonly lock: Lock;
  readonly options: PlanOptions;
  readonly images: PlannedImages;
  readonly add: Add;
}

/** The steps that fetch a recipe's sources, archives before their members. All are planned: `lock` and `fetch` want them. */
export function planSources(context: SourcesContext): PlannedSources {
  const planned = new Map<string, PlannedSource>();
  const evidence: Handle<'evidence'>[] = [];
  const unlocked: string[] = [];
  const get = (name: string): PlannedSource => {
    const source = context.recipe.sources.find((one) => one.name === name);
    const known = planned.get(name) ?? (source && planSource(source, get, context, evidence, unlocked));
    if (known === undefined) throw new Error(`source ${name} is not in the recipe`);
    planned.set(name, known);
    return known;
  };
  const all = context.recipe.sources;
  // Downloads stand first: a machine that reaches no upstream shall say so before it makes an image.
  for (const { name, kind } of all) if (kind === 'http') get(name);
  for (const { name } of all) get(name);
  const upstream = Object.fromEntries(
    all.flatMap((source) => {
      const url = source.kind === 'http' ? source.mirrors[0]?.url : undefined;
      return url === undefined ? [] : [[`fetch-http:${source.name}`, url]];
    }),
  );
  return { get, evidence: () => evidence, unlocked: () => unlocked, upstream: () => upstream };
}

function planSource(
  source: Source,
  get: (name: string) => PlannedSource,
  context: SourcesContext,
  evidence: Handle<'evidence'>[],
  unlocked: string[],
): PlannedSource {
  const { images, recipe, add, options } = context;
  switch (source.kind) {
    case 'http':
      return planHttp(source, context, evidence, unlocked);
    case 'file': {
      const fileName = source.file.path.slice(source.file.path.lastIndexOf('/') + 1);
      const made = add(plannedStep('fetch-file', source.name, `file ${fileName}`, { file: source.file }, {}, {}));
      return { file: made.source, info: null, fileName };
    }
    case 'apt':
      return planApt(source, context);
    case 'member': {
      const archive = get(source.of);
      const { path: member, file } = source;
      const params = { member, file, limits: recipe.limits, scripts: scriptsOf('extract-member', options.scripts) };
      const inputs = { base: images.base(recipe.publisher.base), archive: archive.file };
      const made = add(plannedStep('extract-member', source.name, `${file} out of ${source.of}`, params, inputs, {}));
      return { file: made.source, info: archive.info, fileName: file };
    }
  }
}

function refuseUnlocked(source: Source, { frozen }: PlanOptions): void {
  if (frozen) throw new FactoryError({ kind: 'SourceNotLocked', source: source.name });
}

function planHttp(
  source: Extract<Source, { kind: 'http' }>,
  context: SourcesContext,
  evidence: Handle<'evidence'>[],
  unlocked: string[],
): PlannedSource {
  const { lock, options, add } = context;
  const entry = lockedEntry(lock, source);
  if (entry !== undefined && source.sha256 !== null && entry.sha256 !== source.sha256) {
    const [want, got] = [source.sha256, entry.sha256];
    throw new FactoryError({ kind: 'ChecksumMismatch', source: source.name, want, got, mirror: 'lock.json' });
  }
  const sha256 = source.sha256 ?? entry?.sha256 ?? null;
  const signed = source.mirrors.some(({ key }) => key !== null);
  if (sha256 === null) {
    refuseUnlocked(source, options);
    if (!signed) unlocked.push(source.name);
  }
  const params = { file: source.file, sha256, size: entry?.size ?? source.size };
  const urls = [...copiesOf(source.name, source.file, options), ...source.mirrors.map(({ url }) => url)];
  const hints = { urls, vouched: signed };
  const made = add(plannedStep('fetch-http', source.name, `fetch ${source.file}`, params, {}, hints));
  if (!signed) return { file: made.source, info: null, fileName: source.file };
  const verified = planVerifySrpm(source, made, context);
  evidence.push(verified.evidence);
  return { file: verified.source, info: null, fileName: source.file };
}

/** Where the user says that a copy may lie: at its place in vendored directories, then under its name in any mirror. */
function copiesOf(source: string, file: string, { mirrors = [], vendored = [] }: PlanOptions): string[] {
  return [
    ...vendored.flatMap(({ sources }) => sources[source] ?? []).map(({ dir, path }) => `${dir}/${path}`),
    ...mirrors.map((mirror) => `${mirror.replace(/\/+$/, '')}/${file}`),
  ];
}

function planApt(source: Extract<Source, { kind: 'apt' }>, context: SourcesContext): PlannedSource {
  const { lock, options, recipe, images, add } = context;
  const entry = lockedEntry(lock, source);
  if (entry === undefined) refuseUnlocked(source, options);
  const params = {
    apt: source.apt,
    package: source.package,
    file: source.file,
    version: entry?.version ?? null,
    sha256: entry?.sha256 ?? null,
    scripts: scriptsOf('fetch-apt', options.scripts),
  };
  const what = source.apt === 'source' ? `source of ${source.package}` : source.package;
  const inputs = { base: images.base(recipe.publisher.base) };
  const { file, size, upstreamVersion } = entry ?? {};
  const known = file !== undefined && size !== undefined && upstreamVersion !== undefined;
  const hints = {
    locked: known ? { file, size, upstreamVersion } : null,
    // A server that is asked for files of http sources would only be bothered: apt has mirrors of its own.
    urls: known ? copiesOf(source.name, file, options).filter((url) => !/^(?!file:)[a-z]+:/.test(url)) : [],
  };
  const made = add(plannedStep('fetch-apt', source.name, `fetch ${what} by apt`, params, inputs, hints));
  return { file: made.source, info: made.info, fileName: null };
}
