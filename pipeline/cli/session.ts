import { createHash } from 'node:crypto';
import { mkdir, realpath } from 'node:fs/promises';
import { availableParallelism, hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { planFactory } from '../plan/plan-factory.ts';
import type { Plan } from '../plan/step.ts';
import { EMPTY_LOCK, type Lock, readLock } from '../recipe/lock.ts';
import { dirsOf, type Roots } from '../recipe/files.ts';
import { type ReadRecipe, readExtended } from '../recipe/read.ts';
import type { KeyInfo } from '../rpm/openpgp-key.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { createLedger, type Ledger } from '../run/ledger.ts';
import { createStore } from '../store/index.ts';
import { createContainers } from '../tools/docker/index.ts';
import { createDownloads } from '../tools/download/index.ts';
import { createFiles } from '../tools/files.ts';
import { createHost } from '../tools/host/index.ts';
import { createKeys } from '../tools/keys.ts';
import { createMask } from '../tools/mask.ts';
import { createVendored } from '../tools/vendored.ts';
import { createRegistry } from '../tools/registry/index.ts';
import { createRepository } from '../tools/repository.ts';
import type { Tools } from '../tools/tools.ts';
import { engineTls } from './engine-tls.ts';
import { FACTORY_DIR, type RecipePaths, recipePaths, withPatches } from './paths.ts';
import { baseImagesOf } from './base-images.ts';
import { readKeyFiles } from './key-files.ts';
import { type OwnKey, readAgentKey, readOwnKey, secretWords, signingKeyParams } from './key-own.ts';
import { imageCacheOf, type RegistryAccess, registryAccess } from './registry-access.ts';
import { stepScripts } from './step-scripts.ts';
import { readVendored } from './vendored.ts';
import type { CommonOptions, World } from './world.ts';

/** Everything below artifacts/. */
export interface ArtifactPaths {
  readonly root: string;
  readonly store: string;
  readonly ledger: string;
  readonly runs: string;
  readonly repository: string;
  readonly keys: string;
  readonly lock: string;
}

/** What a command works with: the recipe, its plan, and tools bound to one artifacts directory. */
export interface Session {
  readonly options: CommonOptions;
  readonly world: World;
  readonly paths: RecipePaths;
  readonly artifacts: ArtifactPaths;
  readonly recipe: Recipe;
  /** The recipe with the folders that its files come from, and the one that it extends. */
  readonly read: ReadRecipe;
  readonly lock: Lock;
  /** The recipe's lock.json, or the file that `--lock` names. */
  readonly lockFile: string;
  readonly plan: Plan;
  readonly ledger: Ledger;
  readonly tools: Tools;
  readonly runId: string;
  readonly makeJobs: number;
  /** Blanks out private mirrors, the signing key and its passphrase, logins of registries in whatever is printed or logged. */
  readonly mask: (text: string) => string;
  /** What a CI system may be told to mask as well: hosts. Telling it means printing them, so the signing key is not among them. */
  readonly secrets: readonly string[];
  /** The user's own signing key; undefined: a demo key signs. */
  readonly signingKey: KeyInfo | undefined;
}

/** Where things are below an artifacts directory; makes the directory. */
export async function artifactPaths(options: CommonOptions, cwd: string): Promise<ArtifactPaths> {
  const wanted = options.artifacts === undefined ? join(FACTORY_DIR, 'artifacts') : resolve(cwd, options.artifacts);
  await mkdir(wanted, { recursive: true });
  const root = await realpath(wanted);
  return {
    root,
    store: join(root, 'store'),
    ledger: join(root, 'ledger'),
    runs: join(root, 'runs'),
    repository: join(root, 'repository'),
    keys: join(root, 'keys'),
    lock: join(root, 'lock'),
  };
}

/** Reads and plans the recipe and makes the tools. Connects to nothing and changes nothing but making directories. */
export async function openSession(
  world: World,
  options: CommonOptions,
  change: {
    readonly ignoreLock?: boolean;
    readonly ignoreSigningKey?: boolean;
    readonly freshImages?: boolean;
  } = {},
): Promise<Session> {
  const paths = withPatches(recipePaths(options.recipe, world.cwd), options, world.cwd);
  const read = await readExtended(paths.file, paths);
  const { recipe } = read;
  const lockFile = options.lock === undefined ? join(paths.recipeDir, 'lock.json') : resolve(world.cwd, options.lock);
  // One that the user names must be there, unless it is about to be written.
  const lock = await readLock(lockFile, options.lock !== undefined && change.ignoreLock !== true);
  const mirrors = mirrorsOf(options, world.cwd);
  const vendored = await readVendored(mirrors, recipe.name);
  const aptRoot = world.env.FACTORY_APT_ROOT;
  const host = createHost({ env: world.env, ...(aptRoot === undefined ? {} : { aptRoot }) });
  const own =
    change.ignoreSigningKey === true
      ? undefined
      : ((await readAgentKey(world, options, host)) ?? (await readOwnKey(world, options)));
  const imageCache = imageCacheOf(world, options);
  const access = await registryAccess(world, imageCache);
  const plan = planFactory(recipe, change.ignoreLock === true ? EMPTY_LOCK : lock, {
    frozen: options.frozen,
    scripts: await stepScripts(),
    mirrors: vendored.others,
    vendored: vendored.dirs,
    freshImages: change.freshImages === true,
    keyFiles: [...(await readKeyFiles(options.key, world.cwd)), ...vendored.keyFiles],
    baseImages: baseImagesOf(options.baseImage, recipe),
    ...(own === undefined ? {} : { signingKey: signingKeyParams(own.info) }),
    ...(imageCache === undefined ? {} : { imageCache }),
    ...(options.builderImage === undefined ? {} : { builderImage: options.builderImage }),
    ...(options.kernelSource === undefined ? {} : { kernelSource: options.kernelSource }),
  });
  const artifacts = await artifactPaths(options, world.cwd);
  const runId = `${new Date().toISOString().replace(/[-:.]/g, '')}-${process.pid}`;
  const { secretHosts } = await host.aptMirrors();
  const tools = await createTools(world, options, artifacts, read.roots, runId, host, own, access);
  return {
    options,
    world,
    paths,
    artifacts,
    recipe,
    read,
    lock,
    lockFile,
    plan,
    // A record that cannot be read counts as absent: its step runs again, which is what somebody would do by hand.
    ledger: createLedger(artifacts.ledger, recipe.name, (path, reason) =>
      world.stderr.write(`factory: ${path}: ${reason}\n`),
    ),
    tools,
    runId,
    makeJobs: options.jobs ?? availableParallelism(),
    mask: createMask([...secretHosts, ...(own === undefined ? [] : secretWords(own)), ...access.words]),
    secrets: secretHosts,
    signingKey: own?.info,
  };
}

/** Where files of http sources are looked for first: URLs, or absolute directories. Without a slash at the end. */
export function mirrorsOf({ mirror }: CommonOptions, cwd: string): readonly string[] {
  return mirror.map((one) => (/^[a-z]+:\/\//.test(one) ? one.replace(/\/+$/, '') : resolve(cwd, one)));
}

/** Who owns containers in the engine: this artifacts directory on this machine. */
export function ownerOf(artifactsRoot: string): string {
  return createHash('sha256').update(`${hostname()}\0${artifactsRoot}`).digest('hex').slice(0, 16);
}

async function createTools(
  world: World,
  options: CommonOptions,
  artifacts: ArtifactPaths,
  roots: Roots,
  runId: string,
  host: Tools['host'],
  own: OwnKey | undefined,
  { loginFor }: RegistryAccess,
): Promise<Tools> {
  const store = createStore(artifacts.store);
  const endpoint = options.engine ?? world.env.DOCKER_HOST;
  const tls = await engineTls(world.env);
  const containers = createContainers({
    ...(endpoint === undefined || endpoint === '' ? {} : { endpoint }),
    ...(tls === undefined ? {} : { tls }),
    owner: ownerOf(artifacts.root),
    runId,
  });
  return {
    containers,
    registry: createRegistry({ containers, loginFor }),
    store,
    downloads: createDownloads({ store, partDir: join(artifacts.root, 'downloads') }),
    files: createFiles({
      factory: dirsOf(roots, 'factory'),
      recipe: dirsOf(roots, 'recipe'),
      patches: dirsOf(roots, 'patches'),
    }),
    keys: createKeys(artifacts.keys, own),
    vendored: createVendored(),
    host,
    repository: (recipe) => createRepository(artifacts.repository, recipe),
  };
}
