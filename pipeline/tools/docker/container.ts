import { randomBytes } from 'node:crypto';
import type { Container } from 'dockerode';
import { FactoryError } from '../../run/failure.ts';
import type { RunSpec } from '../tools.ts';
import type { Engine } from './connect.ts';
import { containerOptions } from './container-options.ts';
import { messageOf, statusOf, tolerate } from './errors.ts';
import { labelsFor } from './labels.ts';

/** How a container is going to be used. `note` gets a line about what went wrong while removing it. */
export interface ContainerUse {
  readonly interactive: boolean;
  readonly tty: boolean;
  readonly note: (line: string) => void;
}

/** Makes the container of a spec, lends it, and removes it whatever happens. */
export async function withContainer<T>(
  engine: Engine,
  spec: RunSpec,
  use: ContainerUse,
  work: (container: Container) => Promise<T>,
): Promise<T> {
  const container = await create(engine, spec, use);
  try {
    return await work(container);
  } finally {
    await removeContainer(container, use.note);
  }
}

async function create(engine: Engine, spec: RunSpec, use: ContainerUse): Promise<Container> {
  const labels = labelsFor(engine.identity, 'container', spec.step);
  const volumeLabels = labelsFor(engine.identity, 'volume', spec.step);
  for (const name of Object.values(spec.volumes)) {
    await engine.docker.createVolume({ Name: name, Labels: volumeLabels });
  }
  const name = `fullnat-factory-${spec.step.replace(/[^A-Za-z0-9_.-]+/g, '-')}-${randomBytes(4).toString('hex')}`;
  try {
    return await engine.docker.createContainer(
      containerOptions(spec, { name, labels, interactive: use.interactive, tty: use.tty }),
    );
  } catch (error) {
    throw statusOf(error) === 404 ? imageMissing(spec.image, error) : error;
  }
}

/** The engine has no such image (any more). */
export function imageMissing(image: string, error: unknown): FactoryError {
  return new FactoryError({ kind: 'SourceMissing', source: image, detail: messageOf(error) }, { cause: error });
}

/**
 * Kills and removes a container with its anonymous volumes. Never throws: it runs after something that matters more, and
 * what it leaves behind carries our labels, so the next sweep takes it.
 */
export async function removeContainer(container: Container, note: (line: string) => void): Promise<void> {
  try {
    await tolerate(container.remove({ force: true, v: true }), 404, 409);
  } catch (error) {
    note(`container ${container.id.slice(0, 12)} is left for the next sweep: ${messageOf(error)}`);
  }
}
