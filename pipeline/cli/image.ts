import { createHash } from 'node:crypto';
import type { Artifact } from '../plan/artifact.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { KEY_LABEL, repositoryOf } from '../stages/image.ts';
import { formatBytes } from '../report/units.ts';
import type { BuildImageSpec, TarFile } from '../tools/tools.ts';
import { nginxFiles } from './image-nginx.ts';
import { serverImage } from './image-server.ts';
import { type ImageFile, type ImageTree, readImageTree } from './image-tree.ts';
import { giveOutputs } from './github-env.ts';
import { underLock } from './locked.ts';
import type { OwnOptions } from './program.ts';
import { noRegistry, pushHooks } from './push-progress.ts';
import { imageCacheOf } from './registry-access.ts';
import { exitCodeOfRun } from './run.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory image`: a container image that serves what is published of the recipe. Everything is verified before anything is
 * made, and once more while it goes into the image. An image that is there already for exactly this is only named.
 * With --push it goes to the registry, too. Failures: Usage, SnapshotInvalid, ImageNotLocked, LockHeld, RegistryFailed, and those of
 * building images.
 */
export async function image(
  world: World,
  options: CommonOptions,
  _args: readonly string[],
  { tag = [], snapshots = 0, push = false }: OwnOptions,
): Promise<number> {
  const wrong = tag.find((one) => !TAG.test(one));
  if (wrong !== undefined)
    throw new FactoryError({
      kind: 'Usage',
      message: `--tag ${JSON.stringify(wrong)} is no name for an image`,
      advice: 'Lower-case letters and digits, as in registry.example:5000/lvs/repository:1 .',
    });
  const session = await openSession(world, options);
  const { recipe, tools } = session;
  const target = push ? pushTarget(session) : undefined;
  const read = (): Promise<ImageTree> =>
    readImageTree(tools.repository(recipe.name), recipe.name, snapshots, new Date());
  await read();
  const { outcome, image: server } = await serverImage(session);
  if (server === undefined) return exitCodeOfRun(outcome);
  return underLock(session, async () => {
    const tree = await read();
    const spec = specOf(recipe.name, tree, server);
    const there = await tools.containers.imageByLabels(repositoryOf('repository'), {
      [KEY_LABEL]: spec.labels[KEY_LABEL] ?? '',
    });
    const log = (line: string): void => {
      if (options.verbose) world.stderr.write(`${session.mask(line)}\n`);
    };
    const id = there ?? (await tools.containers.buildImage(spec, log, world.signal));
    for (const name of [spec.tag, ...tag]) await tools.containers.tagImage(id, name);
    const tags = [`is-${spec.labels[KEY_LABEL] ?? ''}`, `${recipe.name}-${tree.pointer.snapshot}`] as const;
    const pushed =
      target === undefined
        ? undefined
        : {
            image: target,
            tags,
            ...(await tools.registry.push({ id, repository: target, tags }, pushHooks(session, 'image'))),
          };
    await giveOutputs(world, { image: pushed?.image ?? '', digest: pushed?.digest ?? '' });
    report(session, tree, { id, made: there === undefined, tags: [spec.tag, ...tag], ...(pushed && { pushed }) });
    return EXIT.ok;
  });
}

const TAG =
  /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?\/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?$/;

/** A build whose last layers are the snapshots, each the same wherever and whenever it is made, and what the pointer decides. */
function specOf(
  recipe: string,
  { pointer, root, snapshots, otherKeys }: ImageTree,
  server: Artifact<'image'>,
): BuildImageSpec {
  if (server.engineId === undefined) throw new Error(`image ${server.name} has no engine id`);
  const ids = snapshots.map(({ id }) => id);
  const tree = (layer: string, file: ImageFile): TarFile => ({
    ...file,
    path: `${layer}/srv/repository/${recipe}/${file.path}`,
  });
  const settings = [...nginxFiles(recipe, pointer.snapshot, ids, otherKeys)].map(([name, text]) => ({
    path: `root/etc/nginx/repository/${name}`,
    mode: 0o644,
    bytes: Buffer.from(text),
  }));
  const layers = [...ids].sort();
  const dockerfile = ['ARG BASE', 'FROM ${BASE}', ...[...layers, 'root'].map((name) => `COPY ${name}/ /`), ''].join(
    '\n',
  );
  const key = createHash('sha256').update(`${server.digest}\n${dockerfile}`);
  for (const { path, bytes } of settings) key.update(`${path}\n${String(bytes.length)}\n`).update(bytes);
  for (const { path, digest, mtime } of [...root, ...snapshots.flatMap(({ files }) => files)])
    key.update(`${path} ${digest} ${mtime?.toISOString() ?? ''}\n`);
  return {
    name: `repository ${recipe}`,
    tag: `${repositoryOf('repository')}:${recipe}-${pointer.snapshot}`,
    files: [
      { path: 'Dockerfile', mode: 0o644, bytes: Buffer.from(dockerfile) },
      ...snapshots.flatMap(({ id, files }) => files.map((file) => tree(id, file))),
      ...root.map((file) => tree('root', file)),
      ...settings,
    ],
    buildArgs: { BASE: server.engineId },
    labels: {
      [KEY_LABEL]: key.digest('hex'),
      'fullnat-factory.recipe': recipe,
      'fullnat-factory.snapshot': pointer.snapshot,
      'fullnat-factory.serial': String(pointer.serial),
      'fullnat-factory.expires': pointer.expires,
      'org.opencontainers.image.title': `LVS FULLNAT kernels and tools (${recipe})`,
      'org.opencontainers.image.version': pointer.snapshot,
      'org.opencontainers.image.revision': `sha256:${snapshots[0].content}`,
      'org.opencontainers.image.created': pointer.publishedAt,
    },
  };
}

/** Where the image is pushed to. */
function pushTarget({ world, options, recipe }: Session): string {
  const named = imageCacheOf(world, options);
  const prefix = named === undefined ? recipe.builder.cache : named;
  if (prefix === null) throw noRegistry();
  return `${prefix}/repository`;
}

interface Made {
  readonly id: string;
  readonly made: boolean;
  readonly tags: readonly string[];
  readonly pushed?: {
    readonly image: string;
    readonly digest: string;
    /** False: the registry had it already. */
    readonly pushed: boolean;
    readonly tags: readonly string[];
  };
}

function report(
  { world, options, recipe }: Session,
  { pointer, snapshots }: ImageTree,
  { id, made, tags, pushed }: Made,
): void {
  const { serial, expires } = pointer;
  const ids = snapshots.map((one) => one.id);
  if (options.json) {
    world.stdout.write(
      `${JSON.stringify({ recipe: recipe.name, image: id, made, tags, snapshots: ids, serial, expires, ...(pushed && { pushed }) })}\n`,
    );
    return;
  }
  const bytes = snapshots.flatMap(({ files }) => files).reduce((sum, file) => sum + sizeOf(file), 0);
  const lines = [
    made
      ? `${recipe.name}: image of ${ids.join(', ')} (${formatBytes(bytes)}), every file and signature verified`
      : `${recipe.name}: the image of ${ids.join(', ')} is there already; every file and signature verified`,
    `image:   ${id}`,
    ...tags.map((tag) => `name:    ${tag}`),
    ...(pushed === undefined
      ? []
      : [`pushed:  ${pushed.image}@${pushed.digest}${pushed.pushed ? '' : ' (there already)'}`]),
    `pointer: serial ${serial}, good until ${expires}; after a renewal make the image anew`,
    `run it:  docker run --detach --read-only --cap-drop ALL --publish 8080:8080 ${tags.at(-1) ?? id}`,
    `hosts:   http://<this machine>:8080/${recipe.name}/`,
  ];
  world.stdout.write(`${lines.join('\n')}\n`);
}

function sizeOf({ bytes }: TarFile): number {
  return Buffer.isBuffer(bytes) ? bytes.length : bytes.size;
}
