import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handle, sendStatus } from './handle.ts';

export interface ServerOptions {
  /** The directory that holds one directory per recipe. */
  readonly root: string;
  /** One line per finished request: `GET /path 200 1234 5 ms`, with ` aborted` when the client went away. */
  readonly log: (line: string) => void;
  /** How long `close` waits for running downloads, in milliseconds. */
  readonly graceMs?: number;
}

/** A static server for published repositories. */
export interface RepositoryServer {
  /** Port 0 takes any. Returns the URL. Errors of listening (EADDRINUSE, EACCES) are thrown as they are. */
  listen(port: number, host: string): Promise<string>;
  /** Base URL with a slash at its end; undefined while it does not listen. */
  readonly url: string | undefined;
  /** No new requests; running ones may finish within the grace time. */
  close(): Promise<void>;
}

/**
 * Serves a repository root: GET and HEAD, single ranges, conditional requests, directory pages; `<recipe>/mirrorlist` and
 * `<recipe>/fullnat-<recipe>.repo` are made per request from the recipe's pointer and the Host header.
 */
export function createServer({ root, log, graceMs = 5000 }: ServerOptions): RepositoryServer {
  const server = createHttpServer((request, response) => void answer(root, request, response, log));
  // A client that neither reads nor leaves must not hold an open file for ever.
  server.timeout = 120_000;
  let url: string | undefined;
  return {
    get url() {
      return url;
    },
    async listen(port, host) {
      server.listen(port, host);
      await once(server, 'listening');
      const { address, family, port: actual } = server.address() as AddressInfo;
      const name = ['0.0.0.0', '::'].includes(address) ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
      return (url = `http://${name}:${actual}/`);
    },
    async close() {
      if (url === undefined) return;
      url = undefined;
      const closed = once(server, 'close');
      server.close();
      const hurry = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(hurry);
    },
  };
}

/** What a client that leaves in the middle looks like; the log line of the request says so already. */
const CLIENT_GONE = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED', 'ECONNRESET', 'EPIPE']);

/** The request target, safe for a terminal. */
const shown = ({ url = '' }: IncomingMessage): string => url.replace(/[^\x21-\x7e]/g, '?');

async function answer(
  root: string,
  request: IncomingMessage,
  response: ServerResponse,
  log: (line: string) => void,
): Promise<void> {
  const started = performance.now();
  response.on('close', () => {
    const length = response.getHeader('content-length') ?? 0;
    const ms = Math.round(performance.now() - started);
    const end = response.writableFinished ? '' : ' aborted';
    log(`${request.method ?? ''} ${shown(request)} ${response.statusCode} ${String(length)} ${ms} ms${end}`);
  });
  try {
    await handle(root, request, response);
  } catch (error) {
    if (CLIENT_GONE.has((error as NodeJS.ErrnoException).code ?? '')) return;
    log(`${request.method ?? ''} ${shown(request)} failed: ${error instanceof Error ? error.message : String(error)}`);
    if (response.headersSent) response.destroy();
    else sendStatus(request, response, 500);
  }
}
