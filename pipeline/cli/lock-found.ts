import type { ImageDescriptor } from '../plan/artifact.ts';
import { digestOf, familiarName } from '../plan/registry.ts';
import type { Step, StepOf } from '../plan/step.ts';
import type { Lock, LockedImage, LockedSource } from '../recipe/lock.ts';
import { packageLines } from '../recipe/package-sets.ts';
import type { Recipe, Source } from '../recipe/recipe.ts';
import type { StepRecord } from '../run/record.ts';
import { maskCredentials } from '../tools/download/mirror-url.ts';
import type { Session } from './session.ts';

type Records = ReadonlyMap<string, StepRecord>;

/** A lock of what a run brought in, as its records tell. Sources and images that it did not ask for are not in it. */
export async function lockOf(session: Session, records: Records): Promise<Lock> {
  const sources = session.recipe.sources.flatMap((source): [string, LockedSource][] => {
    const record = records.get(`fetch-${source.kind}:${source.name}`);
    return record === undefined ? [] : lockedSource(source, record, records);
  });
  const images: [string, LockedImage][] = [];
  for (const step of session.plan.steps) {
    const record = records.get(step.id);
    const image = record && (await lockedImage(session, step, record));
    if (image !== undefined) images.push(image);
  }
  return { version: 2, sources: Object.fromEntries(sources), images: Object.fromEntries(images) };
}

function lockedSource(source: Source, record: StepRecord, records: Records): [string, LockedSource][] {
  const artifact = record.outputs.find(({ kind }) => kind === 'source');
  if (artifact === undefined) throw new Error(`no output of source ${source.name}`);
  const base = { file: artifact.name, sha256: artifact.digest, size: artifact.size };
  switch (source.kind) {
    case 'apt': {
      const { version, upstreamVersion } = record.facts;
      const known = {
        version: String(version),
        ...(upstreamVersion === undefined ? {} : { upstreamVersion: String(upstreamVersion) }),
      };
      return [[source.name, { kind: 'apt', ...base, trust: 'apt', package: source.package, ...known }]];
    }
    case 'http': {
      const signed = source.mirrors.some(({ key }) => key !== null);
      const trust = source.sha256 !== null ? 'published-checksum' : signed ? 'signature' : 'first-use';
      const mirrors = source.mirrors.map(({ url }) => maskCredentials(url));
      // A mirror of the user has no place in a file that is committed.
      const servedBy = mirrors.find((url) => url === record.facts.url);
      const key = records.get(`verify-srpm:${source.name}`)?.facts.signature_fingerprint;
      return [
        [
          source.name,
          {
            kind: 'http',
            ...base,
            trust,
            mirrors,
            ...(servedBy === undefined ? {} : { servedBy }),
            ...(key === undefined ? {} : { key: String(key) }),
          },
        ],
      ];
    }
    case 'file':
    case 'member':
      return [];
  }
}

async function lockedImage(
  session: Session,
  step: Step,
  { outputs }: StepRecord,
): Promise<[string, LockedImage] | undefined> {
  const { recipe, tools } = session;
  const image = outputs.find(({ kind }) => kind === 'image');
  if (image?.engineId === undefined) return undefined;
  const id = image.engineId;
  const descriptor = JSON.parse((await tools.store.read(image.digest)).toString('utf8')) as ImageDescriptor;
  if (step.stage === 'base-image')
    return [step.params.name, { kind: 'base', id, base: descriptor.base, ...(await pushed(session, step, id)) }];
  if (step.stage === 'given-image') return [step.params.name, { kind: 'given', id }];
  if (step.stage !== 'builder-image') return undefined;
  const { packages, context } = descriptor;
  if (packages === null || context === null) throw new Error(`${step.id}: its descriptor names no packages`);
  const lines = packageLines((await tools.store.read(packages)).toString('utf8'));
  const from = baseOf(recipe, step);
  const more = await pushed(session, step, id);
  return [step.params.name, { kind: 'built', id, from, context, packages: nonEmpty(lines, step.id), ...more }];
}

/**
 * By which digest a registry knows the image, as far as the engine pulled or pushed it: the registry that is named now, else the
 * one that the lock named before.
 */
async function pushed(
  { tools, lock }: Session,
  { params: { name }, hints }: StepOf<'base-image'> | StepOf<'builder-image'>,
  id: string,
): Promise<{ readonly pushed?: string }> {
  const known = await tools.containers.imageDigests(id);
  const repository = hints.registry?.repository ?? null;
  const here = known
    .filter((one) => repository !== null && one.startsWith(`${familiarName(repository)}@`))
    .map((one) => `${repository ?? ''}@${digestOf(one)}`)
    .sort();
  const before = lock.images[name];
  const told = before !== undefined && 'pushed' in before ? before.pushed : undefined;
  // An image that was loaded from a file is the same one, but the engine does not know its digest.
  const isTold = told !== undefined && (before?.id === id || known.includes(familiarName(told)));
  if (isTold && (here.length === 0 || here.includes(told))) return { pushed: told };
  return here[0] === undefined ? {} : { pushed: here[0] };
}

/** The recipe's name of the base that an image is built on. */
function baseOf({ bases }: Recipe, { id, inputs }: StepOf<'builder-image'>): string {
  const of = inputs.base.step.replace(/^[^:]*:/, '').replace(/-base$/, '');
  if (!bases.some(({ name }) => name === `${of}-base`)) throw new Error(`${id}: no base ${of}`);
  return of;
}

function nonEmpty(lines: string[], step: string): [string, ...string[]] {
  const [first, ...rest] = lines;
  if (first === undefined) throw new Error(`${step}: an image without packages`);
  return [first, ...rest];
}
