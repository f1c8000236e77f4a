import type { Readable } from 'node:stream';
import type { Engine } from './connect.ts';
import { imageMissing } from './container.ts';
import { statusOf } from './errors.ts';
import { readable } from './streams.ts';

/**
 * The image of this id as the engine saves it: a tar with its configuration, its layers and a manifest, without any tag.
 * SourceMissing when the engine does not have it. The stream ends with an error when the connection breaks.
 */
export async function saveImage(engine: Engine, id: string): Promise<Readable> {
  // Asked to save what it does not have, an engine answers with one status or another.
  const inspected = await engine.docker
    .getImage(id)
    .inspect()
    .catch((error: unknown) => {
      throw statusOf(error) === 404 ? imageMissing(id, error) : error;
    });
  return readable(await engine.docker.getImage(inspected.Id).get());
}
