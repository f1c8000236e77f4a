import { Duplex, Readable } from 'node:stream';

/** dockerode promises any readable stream; over HTTP it is always Node's own. */
export function readable(stream: NodeJS.ReadableStream): Readable {
  if (stream instanceof Readable) return stream;
  throw new TypeError('the answer of the engine is not a stream of Node');
}

/**
 * A stream whose error waits for its reader: without one, an error that comes while we still connect would end the process.
 */
export function patient(stream: Readable): Readable {
  stream.on('error', () => undefined);
  return Readable.from(stream, { objectMode: false });
}

/** The raw connection of a hijacked request. */
export function duplex(stream: NodeJS.ReadableStream): Duplex {
  if (stream instanceof Duplex) return stream;
  throw new TypeError('the engine did not hand over the connection');
}
