import { lockedEntry } from '../recipe/lock.ts';
import type { Lock } from '../recipe/lock.ts';
import type { Recipe, Source } from '../recipe/recipe.ts';
import { FactoryError } from '../run/failure.ts';
import type { Add, PlanOptions } from './plan-factory.ts';
import { plannedStep, scriptsOf } from './steps.ts';
import type { Handle } from './step.ts';

/** What a source gives: its file, and what is known about its version. */
export interface PlannedSource {
  readonly file: Handle<'source'>;
  /** Of an apt source, or of the one that it was taken out of. */
  readonly info: Handle<'source-info'> | null;
  /** Name of the file, where it is known before it is fetched. */
  readonly fileName: string | null;
}
export type PlannedSources = ReadonlyMap<string, PlannedSource>;

interface SourcesContext {
  readonly recipe: Recipe;
  readonly lock: Lock;
  readonly options: PlanOptions;
  readonly base: Handle<'image'>;
  readonly add: Add;
}

/** The steps that fetch a recipe's sources, archives before their members. */
export function planSources(context: SourcesContext): PlannedSources {
  const planned = new Map<string, PlannedSource>();
  for (const source of context.recipe.sources) planned.set(source.name, planSource(source, planned, context));
  return planned;
}

function planSource(source: Source, planned: PlannedSources, context: SourcesContext): PlannedSource {
  const { base, add, options } = context;
  switch (source.kind) {
    case 'http':
      return planHttp(source, context);
    case 'file': {
      const fileName = source.file.path.slice(source.file.path.lastIndexOf('/') + 1);
      const made = add(plannedStep('fetch-file', source.name, `file ${fileName}`, { file: source.file }, {}, {}));
      return { file: made.source, info: null, fileName };
    }
    case 'apt':
      return planApt(source, context);
    case 'member': {
      const archive = planned.get(source.of);
      if (archive === undefined) throw new Error(`source ${source.of} is not planned`);
      const { path: member, file } = source;
      const params = { member, file, scripts: scriptsOf('extract-member', options.scripts) };
      const inputs = { base, archive: archive.file };
      const made = add(plannedStep('extract-member', source.name, `${file} out of ${source.of}`, params, inputs, {}));
      return { file: made.source, info: archive.info, fileName: file };
    }
  }
}

function refuseUnlocked(source: Source, { frozen }: PlanOptions): void {
  if (frozen) throw new FactoryError({ kind: 'SourceNotLocked', source: source.name });
}

function planHttp(source: Extract<Source, { kind: 'http' }>, { lock, options, add }: SourcesContext): PlannedSource {
  const entry = lockedEntry(lock, source);
  if (entry !== undefined && source.sha256 !== null && entry.sha256 !== source.sha256) {
    const [want, got] = [source.sha256, entry.sha256];
    throw new FactoryError({ kind: 'ChecksumMismatch', source: source.name, want, got, mirror: 'lock.json' });
  }
  const sha256 = source.sha256 ?? entry?.sha256 ?? null;
  if (sha256 === null) refuseUnlocked(source, options);
  const params = { file: source.file, sha256, size: entry?.size ?? source.size };
  // Without a digest to hold it to, a file comes from where the recipe says and nowhere else.
  const mirrors = sha256 === null ? [] : (options.mirrors ?? []);
  const urls = [...mirrors.map((mirror) => `${mirror.replace(/\/+$/, '')}/${source.file}`), ...source.urls];
  const made = add(plannedStep('fetch-http', source.name, `fetch ${source.file}`, params, {}, { urls }));
  return { file: made.source, info: null, fileName: source.file };
}

function planApt(source: Extract<Source, { kind: 'apt' }>, context: SourcesContext): PlannedSource {
  const { lock, options, base, add } = context;
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
  const made = add(plannedStep('fetch-apt', source.name, `fetch ${what} by apt`, params, { base }, {}));
  return { file: made.source, info: made.info, fileName: null };
}
