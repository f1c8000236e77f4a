import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One way to misbehave; the n-th request for a path gets its n-th behaviour, the last one repeats. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** What a server was asked. */
interface Seen {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A real HTTP server on the loopback that can be told, per path, how to fail. */
export interface FaultyServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly origin: string;
  readonly seen: readonly Seen[];
  on(path: string, ...behaviours: Behaviour[]): string;
}

export async function startFaultyServer(): Promise<FaultyServer> {
  const table = new Map<string, Behaviour[]>();
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    seen.push({ path, headers: request.headers });
    const queue = table.get(path) ?? [status(404)];
    const behave = queue.length > 1 ? queue.shift() : queue[0];
    void behave?.(request, response);
  });
  // A test would else wait for the keep-alive of its own last request.
  server.keepAliveTimeout = 1;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    seen,
    on(path, ...behaviours) {
      table.set(path, behaviours);
      return origin + path;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Headers = Record<string, string | number>;

/** Serves the bytes as a good server would: Range, If-Range, Content-Length. */
export const serve =
  (bytes: Buffer, headers: Headers = {}): Behaviour =>
  (request, response) => {
    const range = rangeOf(request, bytes, headers);
    if (range === 'beyond') {
      response.writeHead(416, { ...headers, 'content-range': `bytes */${bytes.length}` }).end();
    } else if (range === null) {
      response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);
    } else {
      response.writeHead(206, { ...headers, ...rangeHeaders(bytes, range) }).end(bytes.subarray(range));
    }
  };

function rangeOf(request: IncomingMessage, bytes: Buffer, headers: Headers): number | 'beyond' | null {
  const start = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const condition = request.headers['if-range'];
  const validators: unknown[] = [headers['etag'], headers['last-modified']];
  if (start === undefined || (condition !== undefined && !validators.includes(condition))) return null;
  return Number(start) >= bytes.length ? 'beyond' : Number(start);
}

const rangeHeaders = (bytes: Buffer, start: number): Headers => ({
  'content-length': bytes.length - start,
  'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
});

/** Only a status. */
export const status =
  (code: number, headers: Headers = {}): Behaviour =>
  (_request, response) =>
    void response.writeHead(code, headers).end();

/** Any answer, whatever was asked. */
export const answer =
  (code: number, headers: Headers, body: Buffer | string = ''): Behaviour =>
  (_request, response) =>
    void response.writeHead(code, headers).end(body);

/** Announces everything it was asked for, sends so many bytes, then closes the connection. */
export const dropAfter =
  (count: number, bytes: Buffer, headers: Headers = {}): Behaviour =>
  async (request, response) => {
    const start = rangeOf(request, bytes, headers);
    const from = typeof start === 'number' ? start : 0;
    response.writeHead(from > 0 ? 206 : 200, {
      ...headers,
      ...(from > 0 ? rangeHeaders(bytes, from) : { 'content-length': bytes.length }),
    });
    await flush(response, bytes.subarray(from, from + count));
    response.socket?.end();
  };

/** Sends so many bytes, then nothing more; the connection stays open. */
export const stallAfter =
  (count: number, bytes: Buffer, headers: Headers = {}): Behaviour =>
  async (_request, response) => {
    response.writeHead(200, { ...headers, 'content-length': bytes.length });
    await flush(response, bytes.subarray(0, count));
  };

/** Never answers. */
export const silence: Behaviour = () => undefined;

/** Sends the bytes in small pieces with a pause after each. */
export const trickle =
  (bytes: Buffer, piece: number, pauseMs: number): Behaviour =>
  async (_request, response) => {
    response.writeHead(200, { 'content-length': bytes.length });
    for (let at = 0; at < bytes.length && !response.destroyed; at += piece) {
      await flush(response, bytes.subarray(at, at + piece));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    response.end();
  };

/** Sends the bytes without saying how many there are. */
export const chunked =
  (bytes: Buffer, headers: Headers = {}): Behaviour =>
  async (_request, response) => {
    response.writeHead(200, headers);
    await flush(response, bytes);
    response.end();
  };

/** Sends zeros until the other side hangs up. */
export const endless: Behaviour = async (_request, response) => {
  response.writeHead(200);
  while (!response.destroyed) await flush(response, Buffer.alloc(64 * 1024));
};

/** Serves the bytes from the start, whatever range was asked. */
export const ignoreRange =
  (bytes: Buffer, headers: Headers = {}): Behaviour =>
  (_request, response) =>
    void response.writeHead(200, { ...headers, 'content-length': bytes.length }).end(bytes);

export const redirect =
  (location: string, code = 302): Behaviour =>
  (_request, response) =>
    void response.writeHead(code, { location }).end();

const flush = (response: ServerResponse, bytes: Buffer): Promise<void> =>
  new Promise((resolve) => response.write(bytes, () => resolve()));
