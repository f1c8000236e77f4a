import { randomBytes } from 'node:crypto';
import type { Container, ContainerCreateOptions, MountSettings } from 'dockerode';
import { FactoryError } from '../../run/failure.ts';
import type { RunSpec } from '../tools.ts';
import type { Engine } from './connect.ts';
import { containerOptions } from './container-options.ts';
import { messageOf, statusOf, tolerate } from './errors.ts';
import { LABEL, labelsFor } from './labels.ts';
import { loaderOptions, mountsFrom } from './loader.ts';
import { placesOf } from './places.ts';
import { uploadFiles } from './upload.ts';

/** How long somebody else's removal of a container is waited for. */
const REMOVAL_MS = 10_000;

/** How a container is going to be used. `note` gets a line about what went wrong while removing it. */
export interface ContainerUse {
  readonly interactive: boolean;
  readonly tty: boolean;
  readonly note: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Makes the container of a spec with its files in it, lends it, and removes it with its volumes whatever happens. */
export async function withContainer<T>(
  engine: Engine,
  spec: RunSpec,
  use: ContainerUse,
  work: (container: Container) => Promise<T>,
): Promise<T> {
  const labels = labelsFor(engine.identity, 'volume', spec.step);
  for (const name of Object.values(spec.volumes)) await engine.docker.createVolume({ Name: name, Labels: labels });
  const { container, volumes } = await (spec.writableRoot === undefined ? behindReadOnlyRoot : onWritableRoot)(
    engine,
    spec,
    use,
  );
  try {
    return await work(container);
  } finally {
    await removeContainer(container, use.note);
    for (const name of volumes) await removeVolume(engine, name, use.note);
  }
}

/** A container with its files in it, and the volumes that nothing else needs. */
interface Made {
  readonly container: Container;
  readonly volumes: readonly string[];
}

async function onWritableRoot(engine: Engine, spec: RunSpec, use: ContainerUse): Promise<Made> {
  const mounts = Object.entries(spec.volumes).map(([path, volume]): MountSettings => ({
    Type: 'volume',
    Source: volume,
    Target: path,
  }));
  const container = await create(engine, spec, optionsFor(engine, spec, use, mounts));
  try {
    await uploadFiles(container, spec, use.signal);
    return { container, volumes: [] };
  } catch (error) {
    await removeContainer(container, use.note);
    throw error;
  }
}

/** See loader.ts for why this takes two containers; the first is gone before the second one starts. */
async function behindReadOnlyRoot(engine: Engine, spec: RunSpec, use: ContainerUse): Promise<Made> {
  const places = placesOf(spec);
  const loader = await create(
    engine,
    spec,
    loaderOptions(spec, places, {
      name: `${nameFor(spec)}-files`,
      labels: labelsFor(engine.identity, 'container', spec.step),
      volumeLabels: { ...labelsFor(engine.identity, 'volume', spec.step), [LABEL.temporary]: '1' },
    }),
  );
  let container: Container | undefined;
  try {
    await uploadFiles(loader, spec, use.signal);
    use.signal.throwIfAborted();
    const mounts = await mountsFrom(loader, places);
    container = await create(engine, spec, optionsFor(engine, spec, use, mounts));
    const named = Object.values(spec.volumes);
    return { container, volumes: mounts.map(({ Source }) => Source).filter((name) => !named.includes(name)) };
  } finally {
    await removeContainer(loader, use.note, { volumes: container === undefined });
  }
}

async function create(engine: Engine, spec: RunSpec, options: ContainerCreateOptions): Promise<Container> {
  return engine.docker.createContainer(options).catch((error: unknown) => {
    throw statusOf(error) === 404 ? imageMissing(spec.image, error) : error;
  });
}

function nameFor({ step }: RunSpec): string {
  return `fullnat-factory-${step.replace(/[^A-Za-z0-9_.-]+/g, '-')}-${randomBytes(4).toString('hex')}`;
}

function optionsFor(engine: Engine, spec: RunSpec, use: ContainerUse, mounts: readonly MountSettings[]) {
  return containerOptions(spec, {
    name: nameFor(spec),
    labels: labelsFor(engine.identity, 'container', spec.step),
    interactive: use.interactive,
    tty: use.tty,
    mounts,
    machineBytes: engine.info.memoryBytes,
  });
}

/** The engine has no such image (any more). */
export function imageMissing(image: string, error: unknown): FactoryError {
  return new FactoryError({ kind: 'SourceMissing', source: image, detail: messageOf(error) }, { cause: error });
}

/**
 * Kills and removes a container, with its anonymous volumes unless told otherwise. Never throws: it runs after something that
 * matters more, and what it leaves behind carries our labels, so the next sweep takes it.
 */
export async function removeContainer(
  container: Container,
  note: (line: string) => void,
  { volumes } = { volumes: true },
): Promise<void> {
  try {
    const removed = await tolerate(
      container.remove({ force: true, v: volumes }).then(() => true),
      404,
      409,
    );
    // Somebody else may be removing it right now: until that is done its volumes are in use.
    if (removed === undefined)
      await tolerate(container.wait({ condition: 'removed', abortSignal: AbortSignal.timeout(REMOVAL_MS) }), 404);
  } catch (error) {
    note(`container ${container.id.slice(0, 12)} is left for the next sweep: ${messageOf(error)}`);
  }
}

async function removeVolume(engine: Engine, name: string, note: (line: string) => void): Promise<void> {
  try {
    await tolerate(engine.docker.getVolume(name).remove(), 404);
  } catch (error) {
    note(`volume ${name.slice(0, 12)} is left for the next sweep: ${messageOf(error)}`);
  }
}
