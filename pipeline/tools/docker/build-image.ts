import type { Readable } from 'node:stream';
import type { ImageBuildOptions } from 'dockerode';
import { FactoryError } from '../../run/failure.ts';
import type { BuildImageSpec } from '../tools.ts';
import { cancellable } from './cancel.ts';
import type { Engine } from './connect.ts';
import { OPEN_FILES } from './container-options.ts';
import { messageOf, saysDiskFull, statusOf } from './errors.ts';
import { imageId } from './image-id.ts';
import type { EngineEvent } from './json-events.ts';
import { errorIn, jsonEvents } from './json-events.ts';
import { labelsFor } from './labels.ts';
import { LineSplitter } from './lines.ts';
import { Tail } from './tail.ts';
import { readable } from './streams.ts';
import { packTar, parentsOf } from './tar-pack.ts';
import { startWatchdog } from './watchdog.ts';

/**
 * Builds an image with the engine's classic builder; returns its id. The engine (and dockerode) take a failed build for a
 * finished one, so every event is searched for an error: ImageBuildFailed. No output for `idleSeconds`: ContainerIdle.
 */
export async function buildImage(
  engine: Engine,
  idleSeconds: number,
  spec: BuildImageSpec,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const log = new BuildLog(spec.name, onLine);
  return cancellable(signal, async (stop) => {
    const watchdog = startWatchdog(idleSeconds, () => stop.abort(log.idle(idleSeconds)));
    try {
      const answer = await start(engine, spec, stop.signal).catch((error: unknown) => {
        throw statusOf(error) === undefined ? error : log.failed(messageOf(error));
      });
      for await (const event of jsonEvents(answer)) {
        watchdog.touch();
        log.add(event);
      }
      return await log.image(engine, spec.tag);
    } finally {
      watchdog.stop();
    }
  });
}

async function start(engine: Engine, spec: BuildImageSpec, signal: AbortSignal): Promise<Readable> {
  const directories = parentsOf(spec.files.map(({ path }) => path)).map((path) => ({ path, mode: 0o755 }));
  const context = await packTar({ directories, files: spec.files, uid: 0 });
  const options: ImageBuildOptions & { ulimits: string } = {
    t: spec.tag,
    buildargs: { ...spec.buildArgs },
    labels: { ...spec.labels, ...labelsFor(engine.identity, 'image', spec.name) },
    rm: true,
    forcerm: true,
    ulimits: JSON.stringify([OPEN_FILES]),
    abortSignal: signal,
  };
  return readable(await engine.docker.buildImage(context, options));
}

/** What a build said: lines, the instruction it is at, the image it made. */
class BuildLog {
  readonly #name: string;
  readonly #splitter: LineSplitter;
  readonly #tail = new Tail();
  #step = '';
  #image: string | undefined;

  constructor(name: string, onLine: (line: string) => void) {
    this.#name = name;
    this.#splitter = new LineSplitter((line) => {
      if (/^Step \d+\/\d+ : /.test(line)) this.#step = line;
      this.#tail.push(line);
      onLine(line);
    });
  }

  /** Throws ImageBuildFailed (or DiskFull) for an event that reports an error. */
  add(event: EngineEvent): void {
    const text = event.stream ?? (event.status === undefined ? '' : `${event.id ?? ''} ${event.status}\n`.trimStart());
    this.#splitter.push(Buffer.from(text));
    this.#image = event.aux?.ID ?? this.#image;
    const failed = errorIn(event);
    if (failed !== undefined) throw this.failed(failed);
  }

  failed(reason: string): FactoryError {
    this.#splitter.push(Buffer.from(`\r${reason}\n`));
    const full = this.#tail.lines().findLast(saysDiskFull);
    if (full !== undefined) return new FactoryError({ kind: 'DiskFull', path: this.#name, detail: full });
    return new FactoryError({
      kind: 'ImageBuildFailed',
      image: this.#name,
      step: this.#step,
      tail: this.#tail.lines(),
    });
  }

  idle(seconds: number): FactoryError {
    return new FactoryError({ kind: 'ContainerIdle', step: this.#name, seconds, tail: this.#tail.lines() });
  }

  /** The id of the finished image, as the engine has it. */
  async image(engine: Engine, tag: string): Promise<string> {
    this.#splitter.end();
    const id = await imageId(engine, this.#image ?? tag);
    if (id === undefined) throw this.failed('the build ended without an image');
    return id;
  }
}
