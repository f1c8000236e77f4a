import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { VendoredFile, WantedImage } from '../plan/vendored.ts';
import { hashFile } from '../store/hash-file.ts';
import { imageInArchive } from './docker/image-archive.ts';
import type { Vendored } from './tools.ts';
import { invalid } from './vendor-index.ts';

/** Reads what `factory vendor` wrote; nothing is handed out that was not verified. */
export function createVendored(): Vendored {
  return { openImage };
}

/**
 * The tar of an image: first its size and digest, then that the one image in it is the locked one; and while it is read it is
 * hashed again, so that what the engine gets is what was looked at.
 */
async function openImage(image: WantedImage): Promise<Readable> {
  if (image.id !== image.lockedId)
    throw invalid(image.dir, image.path, `holds image ${image.id}, the lock names ${image.lockedId}`);
  await verifyFile(image);
  const file = join(image.dir, image.path);
  let found: string;
  try {
    found = await imageInArchive(createReadStream(file));
  } catch (error) {
    throw invalid(image.dir, image.path, `is not the saved image: ${(error as Error).message}`, error);
  }
  if (found !== image.id) throw invalid(image.dir, image.path, `holds image ${found} instead of ${image.id}`);
  return Readable.from(hashed(image), { objectMode: false });
}

/** Throws VendorInvalid unless the file has the size and the digest of the index. */
export async function verifyFile({ dir, path, size, sha256 }: VendoredFile): Promise<void> {
  const file = join(dir, path);
  const found = await stat(file).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    throw invalid(dir, path, code === 'ENOENT' ? 'is missing' : message, error);
  });
  if (!found.isFile()) throw invalid(dir, path, 'is not a regular file');
  if (found.size !== size) throw invalid(dir, path, `has ${found.size} bytes instead of ${size}`);
  const { digest } = await hashFile(file);
  if (digest !== sha256) throw invalid(dir, path, `has sha256 ${digest} instead of ${sha256}`);
}

async function* hashed({ dir, path, sha256 }: VendoredFile): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(join(dir, path)) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    yield chunk;
  }
  const got = hash.digest('hex');
  if (got !== sha256) throw invalid(dir, path, `changed while it was read: sha256 ${got} instead of ${sha256}`);
}
