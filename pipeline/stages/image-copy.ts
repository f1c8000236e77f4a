import type { WantedImage } from '../plan/vendored.ts';
import { FactoryError } from '../run/failure.ts';
import type { StageContext } from './stage.ts';

/**
 * Loads a vendored image into the engine; returns its id. Failures: VendorInvalid, whatever is wrong with the file or its
 * contents.
 */
export async function loadVendored(
  { tools, signal, log }: StageContext<'base-image'> | StageContext<'builder-image'>,
  image: WantedImage,
  tag: string,
): Promise<string> {
  const { dir, path, id } = image;
  log(`${path}: verifying and loading ${id}`);
  const tar = await tools.vendored.openImage(image);
  try {
    await tools.containers.loadImage(tar, { id, tag }, signal);
  } catch (thrown) {
    if (!(thrown instanceof FactoryError) || thrown.failure.kind !== 'SourceMissing') throw thrown;
    throw new FactoryError({ kind: 'VendorInvalid', dir, path, detail: thrown.failure.detail }, { cause: thrown });
  }
  return id;
}
