import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { extract } from 'tar-stream';
import { FactoryError } from '../../pipeline/run/failure.ts';
import type { Identity } from '../../pipeline/tools/docker/labels.ts';
import { LABEL, labelsFor } from '../../pipeline/tools/docker/labels.ts';
import type { BuildImageSpec, Containers, RunSpec } from '../../pipeline/tools/tools.ts';
import { fakeBuild } from './fake-containers-build.ts';
import type { Program } from './fake-containers-engine.ts';
import { FakeEngine } from './fake-containers-engine.ts';
import { fakeLoad, fakeSave } from './fake-containers-archive.ts';
import { fakeRegistry, type FakeRegistry } from './fake-containers-registry.ts';
import { fakeRun } from './fake-containers-run.ts';

export type { Program, ProgramContext } from './fake-containers-engine.ts';

/** Contents of files as a test writes them down. */
type FakeFiles = Readonly<Record<string, Buffer | string>>;

export interface FakeContainersOptions extends Partial<Identity> {
  /** Shared between fakes of several runs; a new one by default. */
  readonly engine?: FakeEngine;
  /** Behaviour of imported images; by default their containers exit with 0. */
  readonly program?: Program;
  /** A registry, which wants that login. */
  readonly registry?: FakeRegistry;
  /** Files (absolute paths) that a build leaves in its image, besides those that it copies. */
  readonly onBuild?: (spec: BuildImageSpec) => FakeFiles;
}

/** Containers without an engine, with what tests need to set up and to look at. */
export interface FakeContainers extends Containers {
  readonly engine: FakeEngine;
  /** Every spec that was run, in order. */
  readonly runs: readonly RunSpec[];
  /** Every image build that was asked for, in order. */
  readonly builds: readonly BuildImageSpec[];
  /** Registers an image; returns its id. */
  image(tag: string, program: Program, more?: { labels?: Record<string, string>; files?: FakeFiles }): string;
  /** Puts an image into the registry, for `pull`. */
  offer(image: string, digest: string, program: Program, files?: FakeFiles): void;
}

/** Makes a fake that passes the same contract suite as the real engine. Images behave as the test says. */
export function createFakeContainers(options: FakeContainersOptions = {}): FakeContainers {
  const engine = options.engine ?? new FakeEngine();
  const identity = { owner: options.owner ?? 'fake-owner', runId: options.runId ?? 'fake-run' };
  const runs: RunSpec[] = [];
  const builds: BuildImageSpec[] = [];
  return {
    engine,
    runs,
    builds,
    image: (tag, program, more = {}) =>
      engine.addImage({ labels: more.labels ?? {}, files: asFiles(more.files), program }, tag).id,
    offer: (image, digest, program, files) =>
      void engine.registry.set(`${image}@${digest}`, { labels: {}, files: asFiles(files), program }),
    info: () => Promise.resolve(INFO),
    imageId: (reference) => Promise.resolve(engine.findImage(reference)?.id),
    imageLabels: (reference) => Promise.resolve(engine.findImage(reference)?.labels),
    imageByLabels: (repository, labels) =>
      Promise.resolve(
        engine.images.findLast(
          (image) =>
            [...image.tags].some((tag) => tag.startsWith(`${repository}:`)) &&
            Object.entries(labels).every(([key, value]) => image.labels[key] === value),
        )?.id,
      ),
    ...fakeRegistry(engine, options.registry),
    importImage: async (tar, { tag, labels }) => {
      const made = { ...labels, ...labelsFor(identity, 'image', `import ${tag}`) };
      return engine.addImage({ labels: made, files: await unpack(tar), program: options.program ?? (() => 0) }, tag).id;
    },
    saveImage: (id) => fakeSave(engine, id),
    loadImage: (tar, image, signal) => fakeLoad(engine, tar, image, signal),
    tagImage: (id, tag) => {
      if (engine.tagImage(id, tag)) return Promise.resolve();
      return refuse(new FactoryError({ kind: 'SourceMissing', source: id, detail: 'no such image' }));
    },
    buildImage: (spec, onLine, signal) => {
      builds.push(spec);
      return fakeBuild(engine, identity, spec, asFiles(options.onBuild?.(spec)), onLine, signal);
    },
    run: (spec, hooks) => {
      runs.push(spec);
      return fakeRun(engine, identity, spec, hooks);
    },
    interactive: async (spec, io) => {
      const stdin = await buffer(io.stdin);
      const onLine = (_: string, line: string): void => void io.stdout.write(`${line}\n`);
      const hooks = { onLine, onOutput: () => Promise.resolve(), signal: new AbortController().signal };
      try {
        await fakeRun(engine, identity, { ...spec, stdin }, hooks);
        return 0;
      } catch (error) {
        if (error instanceof FactoryError && error.failure.kind === 'ContainerExit') return error.failure.code;
        throw error;
      }
    },
    readFile: (image, path) => {
      const file = engine.findImage(image)?.files.get(path);
      if (file !== undefined) return Promise.resolve(file);
      return refuse(new FactoryError({ kind: 'SourceMissing', source: `${image} ${path}`, detail: 'no such file' }));
    },
    sweep: () => {
      const mine = (labels: Readonly<Record<string, string>>): boolean => labels[LABEL.owner] === identity.owner;
      const containers = [...engine.containers.values()].filter(
        ({ labels }) => mine(labels) && labels[LABEL.run] !== identity.runId,
      );
      containers.forEach((container) => engine.remove(container));
      const volumes = [...engine.volumes].filter(([, labels]) => mine(labels) && labels[LABEL.temporary] === '1');
      volumes.forEach(([name]) => engine.volumes.delete(name));
      const images = engine.images.filter(({ labels, tags }) => mine(labels) && tags.size === 0);
      images.forEach((image) => engine.images.splice(engine.images.indexOf(image), 1));
      return Promise.resolve({
        containers: containers.map(({ id }) => id),
        volumes: volumes.map(([name]) => name),
        images: images.map(({ id }) => id),
      });
    },
  };
}

const INFO = {
  endpoint: 'fake',
  version: '0.0.0',
  apiVersion: '1.41',
  os: 'linux',
  arch: 'x86_64',
  kernel: '0',
  cpus: 2,
  memoryBytes: 8 * 1024 ** 3,
  rootless: false,
};

function refuse(error: FactoryError): Promise<never> {
  return Promise.reject(error);
}

function asFiles(files: FakeFiles = {}): Map<string, Buffer> {
  return new Map(Object.entries(files).map(([path, bytes]) => [path, Buffer.from(bytes)]));
}

async function unpack(tar: Readable): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = extract();
  tar.on('error', (error) => entries.destroy(error));
  tar.pipe(entries);
  for await (const entry of entries) {
    const bytes = await buffer(Readable.from(entry, { objectMode: false }));
    if (entry.header.type === 'file') files.set(`/${entry.header.name}`, bytes);
  }
  return files;
}
