import type { Readable } from 'node:stream';
import { FactoryError } from '../../run/failure.ts';
import { cancellable } from './cancel.ts';
import type { Engine } from './connect.ts';
import { isConnectionError, messageOf, saysDiskFull } from './errors.ts';
import { imageId } from './image-id.ts';
import { splitTag } from './import-image.ts';
import { errorIn, jsonEvents } from './json-events.ts';
import { readable } from './streams.ts';

/**
 * Loads a saved image and tags it. SourceMissing when what the engine has afterwards is not the image of that id, or when it
 * cannot read the tar: what is wrong with it, only the engine knows. An error of the stream comes back as it is.
 */
export async function loadImage(
  engine: Engine,
  tar: Readable,
  { id, tag }: { readonly id: string; readonly tag: string },
  signal: AbortSignal,
): Promise<void> {
  let broken: Error | undefined;
  tar.once('error', (error) => (broken = error));
  await cancellable(signal, async (stop) => {
    try {
      const answer = readable(await engine.docker.loadImage(tar, { quiet: true, abortSignal: stop.signal }));
      for await (const event of jsonEvents(answer)) {
        const failed = errorIn(event);
        if (failed !== undefined) throw new Error(failed);
      }
    } catch (error) {
      if (broken !== undefined) throw broken;
      if (isConnectionError(error) || saysDiskFull(messageOf(error))) throw error;
      throw notThere(id, `the engine cannot load it: ${messageOf(error)}`, error);
    }
    if (broken !== undefined) throw broken;
    if ((await imageId(engine, id)) !== id) throw notThere(id, 'after loading the engine has no image of this id');
    await engine.docker.getImage(id).tag({ ...splitTag(tag), abortSignal: stop.signal });
  });
}

function notThere(id: string, detail: string, cause?: unknown): FactoryError {
  return new FactoryError({ kind: 'SourceMissing', source: `image ${id}`, detail }, { cause });
}
