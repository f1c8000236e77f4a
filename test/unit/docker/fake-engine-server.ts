import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Answers one request. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void;

/** An engine that says what the test wants, on a unix socket. */
export interface FakeEngineServer extends AsyncDisposable {
  readonly endpoint: string;
  /** `METHOD /path` of every request so far. */
  readonly requests: readonly string[];
  /** Cuts every connection without a goodbye. */
  cut(): void;
}

/** A JSON answer. */
export function answer(status: number, body: unknown): Route {
  return (request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  };
}

/** What a whole run needs; the container stays until the test ends it. */
const WORKING: Readonly<Record<string, Route>> = {
  'GET /_ping': answer(200, 'OK'),
  'GET /version': answer(200, {
    Version: '24.0.7',
    ApiVersion: '1.43',
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: '6',
  }),
  'GET /info': answer(200, { NCPU: 4, MemTotal: 1024, SecurityOptions: ['name=rootless', 'name=seccomp'] }),
  'POST /containers/create': answer(201, { Id: 'c1' }),
  'PUT /containers/c1/archive': answer(200, ''),
  'POST /containers/c1/wait': (_, response) => response.writeHead(200).flushHeaders(),
  'POST /containers/c1/start': (_, response) => response.writeHead(204).end(),
  'DELETE /containers/c1': (_, response) => response.writeHead(204).end(),
};

/** Starts it with the working routes and those of the test. `attached` gets the hijacked connection. */
export async function startFakeEngine(
  routes: Readonly<Record<string, Route>> = {},
  attached: (socket: Socket) => void = () => undefined,
  directory?: string,
): Promise<FakeEngineServer> {
  const home = directory ?? (await mkdtemp(join(tmpdir(), 'fullnat-engine-')));
  const socketPath = join(home, 'docker.sock');
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const name = `${request.method ?? ''} ${(request.url ?? '').replace(/\?.*/, '')}`;
    requests.push(name);
    const route = routes[name] ?? WORKING[name] ?? answer(404, { message: `no route ${name}` });
    route(request, response);
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (_, socket: Socket) => {
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    attached(socket);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    endpoint: `unix://${socketPath}`,
    requests,
    cut,
    [Symbol.asyncDispose]: async () => {
      cut();
      await new Promise((resolve) => server.close(resolve));
      await rm(home, { recursive: true, force: true });
    },
  };
}
