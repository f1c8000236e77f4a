import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { asSha256, type Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import { namedDiskFull } from './durable.ts';

/** What was written. */
export interface Written {
  readonly digest: Sha256;
  readonly size: number;
}

/**
 * Writes a new file and hashes on the way; fsynced and closed when it returns, removed when it throws. The source is
 * destroyed when writing fails. Failures: DiskFull, ChecksumMismatch (more than `maxBytes`), whatever the source throws.
 */
export async function writeHashed(
  bytes: Buffer | Readable,
  path: string,
  options: { readonly mode: number; readonly maxBytes?: number },
): Promise<Written> {
  const hash = createHash('sha256');
  const limit = options.maxBytes ?? Number.POSITIVE_INFINITY;
  let size = 0;
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      const chunks = Buffer.isBuffer(bytes) ? [bytes] : (bytes as AsyncIterable<Buffer | string>);
      for await (const chunk of chunks) {
        const piece = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        size += piece.length;
        if (size > limit) throw tooLong(limit);
        hash.update(piece);
        await handle.writeFile(piece);
      }
      await handle.chmod(options.mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!Buffer.isBuffer(bytes)) bytes.destroy();
    await rm(path, { force: true });
    throw namedDiskFull(error, path);
  }
  return { digest: asSha256(hash.digest('hex')), size };
}

function tooLong(limit: number): FactoryError {
  return mismatch(`at most ${limit} bytes`, 'more');
}

/** The store does not know whose bytes these are: callers that do put the source and the mirror in. */
export function mismatch(want: string, got: string): FactoryError {
  return new FactoryError({ kind: 'ChecksumMismatch', source: '', want, got, mirror: '' });
}
