import { FactoryError } from '../../run/failure.ts';
import { cancellable } from './cancel.ts';
import type { Engine } from './connect.ts';
import { isConnectionError, messageOf, saysDiskFull } from './errors.ts';
import { imageId } from './image-id.ts';
import { errorIn, jsonEvents } from './json-events.ts';
import { readable } from './streams.ts';

/** Pulls exactly `image@digest`; returns the engine's id. AllMirrorsFailed with the engine's reason when it cannot. */
export async function pull(
  engine: Engine,
  image: string,
  digest: string,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  const url = `${image}@${digest}`;
  return cancellable(signal, async (stop) => {
    try {
      const request = {
        fromImage: image,
        tag: digest,
        abortSignal: stop.signal,
      };
      const answer = readable(await engine.docker.createImage(request));
      const said = new Set<string>();
      for await (const event of jsonEvents(answer)) {
        const failed = errorIn(event);
        if (failed !== undefined) throw new Error(failed);
        const line = [event.id, event.status].filter((part) => part !== undefined).join(': ');
        // The same status comes many times a second with another progress bar.
        if (line !== '' && !said.has(line)) onProgress(line);
        said.add(line);
      }
      const id = await imageId(engine, url);
      if (id === undefined) throw new Error('the engine does not have the image after pulling it');
      return id;
    } catch (error) {
      const reason = messageOf(error);
      if (error instanceof FactoryError || isConnectionError(error) || saysDiskFull(reason)) throw error;
      throw new FactoryError(
        { kind: 'AllMirrorsFailed', source: image, attempts: [{ url, reason }] },
        { cause: error },
      );
    }
  });
}
