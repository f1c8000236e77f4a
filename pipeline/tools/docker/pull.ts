import { FactoryError } from '../../run/failure.ts';
import type { TransferHooks } from '../tools.ts';
import { cancellable } from './cancel.ts';
import type { Engine } from './connect.ts';
import { isConnectionError, messageOf, saysDiskFull } from './errors.ts';
import { imageId } from './image-id.ts';
import { authOf } from './push.ts';
import { readable } from './streams.ts';
import { readTransfer } from './transfer.ts';

/** Pulls exactly `image@digest`; returns the engine's id. AllMirrorsFailed with the engine's reason when it cannot. */
export async function pull(engine: Engine, image: string, digest: string, hooks: TransferHooks): Promise<string> {
  const url = `${image}@${digest}`;
  return cancellable(hooks.signal, async (stop) => {
    try {
      const request = { fromImage: image, tag: digest, abortSignal: stop.signal };
      await readTransfer(readable(await engine.docker.createImage(authOf(image, hooks.login), request)), hooks);
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
