import { contextDigest, madeOf, packagesText } from '../plan/image-identity.ts';
import { packageLines } from '../recipe/package-sets.ts';
import { FactoryError } from '../run/failure.ts';
import type { TarFile } from '../tools/tools.ts';
import { loadVendored } from './image-copy.ts';
import { fromRegistry, tagOfMade } from './image-registry.ts';
import { imageArtifact, imagePresent, KEY_LABEL, MADE_OF_LABEL, repositoryOf } from './image.ts';
import { checkPackages, GonePackages, LOCK_FILE } from './locked-build.ts';
import { baseName, refFiles } from './script-run.ts';
import type { Stage, StageContext } from './stage.ts';

type Context = StageContext<'builder-image'>;

/** Where the install script of every image of ours leaves the exact package set. */
const PACKAGES_FILE = '/usr/share/fullnat-factory/packages.txt';

/**
 * Builds an image from one of our folders below dockerfiles/. Its descriptor names base, context and exact package set, so
 * an image that is made again with the same contents changes no key downstream. An image that an earlier run made from the
 * same inputs is taken from the engine. With a lock it has exactly the locked packages, wherever it comes from.
 */
export const builderImage: Stage<'builder-image'> = {
  name: 'builder-image',
  version: 1,
  weight: 'light',
  present: imagePresent,
  async run(context) {
    const { step, inputs, tools, log } = context;
    const { name, context: files } = step.params;
    const { id, how, pulled } =
      (await inEngine(context)) ?? (await vendored(context)) ?? (await inRegistry(context)) ?? (await built(context));
    const packages = await packagesOf(context, id);
    const lines = packageLines(packages.toString('utf8'));
    if (step.hints.packages !== null) checkPackages(name, step.hints.packages, lines);
    const set = await tools.store.put(packages);
    const base = inputs.base.digest;
    const descriptor = { schema: 1, name, base, context: contextDigest(files), packages: set.digest } as const;
    log(`${name}: ${lines.length} packages, ${how}`);
    return {
      outputs: [await imageArtifact(tools, descriptor, id), { kind: 'packages', name: `${name}-packages.txt`, ...set }],
      facts: { how, packages: lines.length, ...(pulled === undefined ? {} : { pulled }) },
    };
  },
};

interface Found {
  readonly id: string;
  readonly how: 'already in the engine' | 'vendored' | 'pulled from a registry' | 'built';
  /** What was pulled, `registry/path@sha256:…`. */
  readonly pulled?: string;
}

/** By key, or made before it was locked: then it counts when its packages are the locked ones. */
async function inEngine(context: Context): Promise<Found | undefined> {
  const { step, key, tools } = context;
  if (step.hints.fresh) return undefined;
  const how = 'already in the engine';
  const repository = repositoryOf(step.params.name);
  const byKey = await tools.containers.imageByLabels(repository, { [KEY_LABEL]: key });
  if (byKey !== undefined) return { id: byKey, how };
  const locked = step.hints.packages;
  if (locked === null) return undefined;
  const alike = await tools.containers.imageByLabels(repository, { [MADE_OF_LABEL]: madeOfStep(context) });
  if (alike === undefined || (await packagesOf(context, alike)).toString('utf8') !== packagesText(locked))
    return undefined;
  return { id: alike, how };
}

async function vendored(context: Context): Promise<Found | undefined> {
  const { step } = context;
  if (step.hints.vendored === null) return undefined;
  return { id: await loadVendored(context, step.hints.vendored, tagOf(context)), how: 'vendored' };
}

/** A tag promises an image of this folder on this base; what is in it, its package list says as always. */
async function inRegistry(context: Context): Promise<Found | undefined> {
  const made = madeOfStep(context);
  const found = await fromRegistry(context, { name: tagOfMade(made), local: tagOf(context) }, (labels) =>
    labels[MADE_OF_LABEL] === made ? undefined : 'it was made from another folder, or on another base',
  );
  return found && { ...found, how: 'pulled from a registry' };
}

async function built(context: Context): Promise<Found> {
  const { step, inputs, tools, key, log, signal, offline } = context;
  const { name } = step.params;
  if (offline) throw new FactoryError({ kind: 'Offline', step: step.id, what: `the packages of image ${name}` });
  const { archives } = await tools.host.aptMirrors();
  if (inputs.base.engineId === undefined) throw new Error(`image ${inputs.base.name} has no engine id`);
  const gone = new GonePackages();
  const spec = {
    name,
    tag: tagOf(context),
    files: await buildContext(context),
    // FTP_PROXY is one of the arguments that the engine passes to RUN but keeps out of the image's history and out of
    // its cache key; our install scripts take the mirrors from it. A private mirror must not be found in an image.
    buildArgs: {
      BASE: inputs.base.engineId,
      ...(archives === null ? {} : { FTP_PROXY: `${archives.main},${archives.security}` }),
    },
    labels: { [KEY_LABEL]: key, [MADE_OF_LABEL]: madeOfStep(context) },
  };
  const onLine = (line: string): void => {
    gone.take(line);
    log(line);
  };
  try {
    return { id: await tools.containers.buildImage(spec, onLine, signal), how: 'built' };
  } catch (thrown) {
    if (!(thrown instanceof FactoryError) || thrown.failure.kind !== 'ImageBuildFailed') throw thrown;
    throw gone.failure(name) ?? thrown;
  }
}

async function buildContext({ step, tools }: Context): Promise<TarFile[]> {
  const { packages } = step.hints;
  const files = (await refFiles(tools, step.params.context, '.')).map((file) => ({
    ...file,
    path: baseName(file.path),
  }));
  if (packages === null) return files;
  return [...files, { path: LOCK_FILE, mode: 0o644, bytes: Buffer.from(packagesText(packages)) }];
}

function tagOf({ step, key }: Context): string {
  return `${repositoryOf(step.params.name)}:${key.slice(0, 16)}`;
}

function madeOfStep({ step, inputs }: Context): string {
  return madeOf(step.params.name, step.params.context, inputs.base.digest);
}

async function packagesOf({ tools }: Context, id: string): Promise<Buffer> {
  return tools.containers.readFile(id, PACKAGES_FILE);
}
