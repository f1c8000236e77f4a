import { PassThrough } from 'node:stream';
import { fill } from './fill.ts';
import { maskCredentials } from './mirror-url.ts';
import type { Outcome } from './outcome.ts';
import { later, refused } from './outcome.ts';
import type { Part } from './part.ts';
import { failedRequest, seconds } from './reason.ts';
import type { Wanted } from './wanted.ts';

/** Answers that another try will not change: no such file, not allowed, not logged in. */
const LASTING = new Set([530, 532, 550, 553]);

/**
 * One anonymous FTP transfer (passive mode, binary) of the bytes that are still missing. Nothing vouches for a file that grew or
 * changed meanwhile, so a part is only continued when the digest of the whole is known. Throws only what is not the mirror's
 * fault.
 */
export async function tryFtp(url: URL, part: Part, wanted: Wanted): Promise<Outcome> {
  const { Client, FTPError } = await import('basic-ftp');
  const { limits, signal } = wanted;
  if (part.size > 0 && wanted.sha256 === null) await part.reset();
  // Silence of either connection for so long ends it.
  const client = new Client(Math.max(limits.connectMs, limits.stallMs));
  const cancel = (): void => client.close();
  signal.addEventListener('abort', cancel, { once: true });
  let lost: unknown;
  try {
    signal.throwIfAborted();
    await client.access({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? 21 : Number(url.port),
      user: url.username === '' ? 'anonymous' : decodeURIComponent(url.username),
      password: url.password === '' ? 'guest' : decodeURIComponent(url.password),
      secure: false,
    });
    const path = decodeURIComponent(url.pathname);
    const size = await client.size(path);
    const body = new PassThrough();
    const sent = client.downloadTo(body, path, part.size).catch((error: unknown) => {
      // What arrived before the end counts for the next try: the body ends in good order, the error is told afterwards.
      lost = error;
      body.end();
    });
    const outcome = await fill(part, body, { size: wanted.size, expected: size }, limits, wanted.onBytes);
    // A body that is too long is not read to its end.
    if (outcome.kind === 'failed') client.close();
    await sent;
    return outcome;
  } catch (error) {
    if (signal.aborted) return later('cancelled');
    return reasonOf(lost ?? error);
  } finally {
    signal.removeEventListener('abort', cancel);
    client.close();
  }

  function reasonOf(error: unknown): Outcome {
    if (error instanceof FTPError) {
      const reason = `FTP ${error.code}: ${maskCredentials(error.message.replace(/^\d+[ -]*/, ''))}`;
      return LASTING.has(error.code) ? refused(reason) : later(reason);
    }
    if (!(error instanceof Error)) throw error;
    if (error.name === 'FactoryError') throw error;
    if (/timeout/i.test(error.message)) return later(`no byte for ${seconds(limits.stallMs)}`);
    return failedRequest(error, limits);
  }
}
