import { type Attempt, FactoryError } from '../run/failure.ts';
import { bootstrapOf } from '../plan/image-identity.ts';
import { importTree, treeInEngine, treeProblem } from './base-image-tree.ts';
import { loadVendored } from './image-copy.ts';
import { fromRegistry, tagOfMade } from './image-registry.ts';
import { BASE_LABEL, imageArtifact, imagePresent, repositoryOf } from './image.ts';
import type { Stage, StageContext, StageResult } from './stage.ts';

type Context = StageContext<'base-image'>;

/**
 * The image that everything else starts from: already in the engine, vendored, one that another machine has bootstrapped, pulled
 * by digest, or bootstrapped from an apt mirror where no registry answers. A bootstrapped base is identified by the digest of its tree. Where the lock says which
 * base it was, no other one will do.
 */
export const baseImage: Stage<'base-image'> = {
  name: 'base-image',
  version: 1,
  weight: 'light',
  present: imagePresent,
  async run(context) {
    await preflight(context);
    const attempts: Attempt[] = [];
    return (
      (await inEngine(context)) ??
      (await imported(context)) ??
      (await vendored(context)) ??
      (await bootstrappedElsewhere(context)) ??
      (await pulled(context, attempts)) ??
      (await bootstrapped(context, attempts)) ??
      noBase(context, attempts)
    );
  },
};

async function result(
  context: Context,
  base: string,
  engineId: string,
  how: string,
  more: { readonly pulled?: string } = {},
): Promise<StageResult> {
  const { name, locked } = context.step.params;
  if (locked !== null && base !== locked)
    throw new FactoryError({ kind: 'ImageNotAsLocked', image: name, difference: { locked, got: base } });
  const descriptor = { schema: 1, name, base, context: null, packages: null } as const;
  context.log(`${name}: ${base} (${how})`);
  return { outputs: [await imageArtifact(context.tools, descriptor, engineId)], facts: { how, ...more } };
}

async function inEngine(context: Context): Promise<StageResult | undefined> {
  const { image, digest } = context.step.params;
  if (context.step.hints.fresh) return undefined;
  const byDigest =
    image === null || !mayBe(context, 'registry')
      ? undefined
      : await context.tools.containers.imageId(`${image}@${digest}`);
  if (byDigest !== undefined) return result(context, `registry:${digest}`, byDigest, 'already in the engine');
  const found = await treeInEngine(context);
  return found && result(context, found.tree, found.id, 'already in the engine');
}

/** Whether the lock leaves open, or asks for, a base of that kind. */
function mayBe({ step: { params } }: Context, kind: 'registry' | 'tree'): boolean {
  return params.locked === null || params.locked.startsWith(`${kind}:`);
}

async function vendored(context: Context): Promise<StageResult | undefined> {
  const { step } = context;
  const { locked } = step.params;
  if (step.hints.vendored === null || locked === null) return undefined;
  return result(context, locked, await loadVendored(context, step.hints.vendored, tagOf(context)), 'vendored');
}

/** Before the base's own registry: what was made on one base is of no use on another. */
async function bootstrappedElsewhere(context: Context): Promise<StageResult | undefined> {
  const { params } = context.step;
  if (params.bootstrap === null || !mayBe(context, 'tree')) return undefined;
  const tags = { name: tagOfMade(bootstrapOf(params)), local: tagOf(context) };
  const found = await fromRegistry(context, tags, (labels) => treeProblem(context, labels));
  if (found === undefined) return undefined;
  const tree = (await context.tools.containers.imageLabels(found.id))?.[BASE_LABEL] ?? '';
  return result(context, tree, found.id, 'pulled from a registry', { pulled: found.pulled });
}

function tagOf({ step, key }: Context): string {
  return `${repositoryOf(step.params.name)}:${key.slice(0, 16)}`;
}

async function pulled(context: Context, attempts: Attempt[]): Promise<StageResult | undefined> {
  const { image, digest } = context.step.params;
  if (image === null || !mayBe(context, 'registry')) return undefined;
  if (context.offline) {
    attempts.push({ url: `${image}@${digest}`, reason: 'not tried: --offline' });
    return undefined;
  }
  try {
    const { log, signal } = context;
    const id = await context.tools.containers.pull(image, digest, { onLine: (line) => log(line), signal });
    return await result(context, `registry:${digest}`, id, 'pulled by digest');
  } catch (thrown) {
    if (!(thrown instanceof FactoryError) || thrown.failure.kind !== 'AllMirrorsFailed') throw thrown;
    attempts.push(...thrown.failure.attempts);
    return undefined;
  }
}

async function bootstrapped(context: Context, attempts: Attempt[]): Promise<StageResult | undefined> {
  const { params } = context.step;
  const { tools, signal, log } = context;
  if (params.bootstrap === null || !mayBe(context, 'tree')) return undefined;
  const { suite, epoch, script } = params.bootstrap;
  if (context.offline) {
    attempts.push({ url: `mmdebstrap ${suite}`, reason: 'not tried: --offline' });
    return undefined;
  }
  if (!(await tools.host.has('mmdebstrap'))) {
    attempts.push({
      url: `mmdebstrap ${suite}`,
      reason: 'mmdebstrap is not installed (Debian: apt-get install mmdebstrap)',
    });
    return undefined;
  }
  const { archives } = await tools.host.aptMirrors();
  const dir = await tools.store.scratch();
  const env = {
    ...(archives === null ? {} : { MIRROR: archives.main, SECURITY_MIRROR: archives.security }),
    OUT: `${dir}/base.tar`,
    SOURCE_DATE_EPOCH: String(epoch),
  };
  await tools.host.script(await tools.files.path(script), env, (line) => log(line), signal);
  // The tree lives in the engine as an image; in the store it is only needed until it is imported and identified.
  const { digest } = await tools.store.adopt(env.OUT);
  const tree = `tree:sha256:${digest}`;
  const id = await importTree(context, await tools.store.open(digest), tree);
  return result(context, tree, id, 'bootstrapped with mmdebstrap');
}

/** The root file system that is the step's input: verified by digest while it is read. */
async function imported(context: Context): Promise<StageResult | undefined> {
  const [rootfs] = context.inputs.rootfs;
  if (rootfs === undefined) return undefined;
  const base = `tree:${context.step.params.digest}`;
  const id = await importTree(context, await context.tools.store.open(rootfs.digest), base);
  return result(context, base, id, `imported from ${rootfs.name}`);
}

/** Before anything is pulled: would programs of this image run here at all? */
async function preflight({ step, tools, log }: Context): Promise<void> {
  if (!step.hints.requires.includes('vsyscall')) return;
  const mode = await tools.host.vsyscall(await tools.containers.info());
  log(`vsyscall of the host kernel: ${mode}`);
  if (mode === 'none')
    throw new FactoryError({
      kind: 'HostUnsuited',
      what: `programs of ${step.params.image ?? step.params.name} need the vsyscall page`,
      detail: 'the kernel here runs with vsyscall=none: they would all die with a segmentation fault (exit 139)',
      advice: 'Boot the host of the engine with vsyscall=emulate on its kernel command line, or use another host.',
    });
}

function noBase(context: Context, attempts: readonly Attempt[]): never {
  const { image, name, digest } = context.step.params;
  throw new FactoryError({ kind: 'NoBaseImage', image: image ?? name, digest, attempts });
}
