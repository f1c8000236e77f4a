import type { Containers } from '../tools.ts';
import { buildImage } from './build-image.ts';
import type { Engine } from './connect.ts';
import { connector } from './connect.ts';
import type { EngineTls } from './endpoint.ts';
import { translate } from './errors.ts';
import { imageByLabels, imageDigests, imageId, imageLabels } from './image-id.ts';
import { importImage } from './import-image.ts';
import { interactive } from './interactive.ts';
import { loadImage } from './load-image.ts';
import { pull } from './pull.ts';
import { pushImage, registryDigest } from './push.ts';
import { readFile } from './read-file.ts';
import { run } from './run.ts';
import { saveImage } from './save-image.ts';
import { patient } from './streams.ts';
import { sweep } from './sweep.ts';
import { tagImage } from './tag-image.ts';

/** Which engine, and in whose name. */
export interface ContainersOptions {
  /** A value of DOCKER_HOST: `unix:///…` or `tcp://host:port`; undefined: the default socket. */
  readonly endpoint?: string | undefined;
  readonly tls?: EngineTls | undefined;
  /** Identifies the artifacts directory whose runs own the containers: what a sweep may take. */
  readonly owner: string;
  readonly runId: string;
  /** An image build that says nothing for so long is stopped (default: half an hour). */
  readonly buildIdleSeconds?: number | undefined;
}

/** Containers of a Docker engine. Nothing is loaded or connected before the first use. */
export function createContainers(options: ContainersOptions): Containers {
  const connect = connector(options.endpoint, options.tls, { owner: options.owner, runId: options.runId });
  const buildIdleSeconds = options.buildIdleSeconds ?? 1800;
  const on = async <T>(verb: (engine: Engine) => Promise<T>): Promise<T> => {
    const engine = await connect();
    try {
      return await verb(engine);
    } catch (error) {
      throw translate(error, engine.info.endpoint);
    }
  };
  return {
    info: () => on((engine) => Promise.resolve(engine.info)),
    imageId: (reference) => on((engine) => imageId(engine, reference)),
    imageLabels: (reference) => on((engine) => imageLabels(engine, reference)),
    imageByLabels: (repository, labels) => on((engine) => imageByLabels(engine, repository, labels)),
    imageDigests: (reference) => on((engine) => imageDigests(engine, reference)),
    pull: (...call) => on((engine) => pull(engine, ...call)),
    registryDigest: (...call) => on((engine) => registryDigest(engine, ...call)),
    pushImage: (...call) => on((engine) => pushImage(engine, ...call)),
    importImage: (tar, ...more) => {
      const source = patient(tar);
      return on((engine) => importImage(engine, source, ...more)).finally(() => tar.destroy());
    },
    saveImage: (id) => on((engine) => saveImage(engine, id)),
    loadImage: (tar, ...more) => {
      const source = patient(tar);
      return on((engine) => loadImage(engine, source, ...more)).finally(() => tar.destroy());
    },
    tagImage: (...call) => on((engine) => tagImage(engine, ...call)),
    buildImage: (...call) => on((engine) => buildImage(engine, buildIdleSeconds, ...call)),
    run: (...call) => on((engine) => run(engine, ...call)),
    interactive: (...call) => on((engine) => interactive(engine, ...call)),
    readFile: (...call) => on((engine) => readFile(engine, ...call)),
    sweep: () => on(sweep),
  };
}
