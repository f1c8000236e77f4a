import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { asSha256 } from '../plan/artifact.ts';
import type { Written } from './write.ts';

/** Digest and size of a file anywhere. */
export async function hashFile(path: string): Promise<Written> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { digest: asSha256(hash.digest('hex')), size };
}
