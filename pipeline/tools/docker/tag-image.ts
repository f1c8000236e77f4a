import { FactoryError } from '../../run/failure.ts';
import type { Engine } from './connect.ts';
import { tolerate } from './errors.ts';
import { splitTag } from './import-image.ts';

/** Gives an image one more name. Failures: SourceMissing (the engine does not have the image). */
export async function tagImage(engine: Engine, id: string, tag: string): Promise<void> {
  const tagged = await tolerate(
    engine.docker
      .getImage(id)
      .tag(splitTag(tag))
      .then(() => true),
    404,
  );
  if (tagged !== true) throw new FactoryError({ kind: 'SourceMissing', source: id, detail: 'no such image' });
}
