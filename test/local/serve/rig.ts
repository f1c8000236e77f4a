import { once } from 'node:events';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { createServer } from '../../../pipeline/serve/index.ts';
import type { RepositoryServer } from '../../../pipeline/serve/index.ts';

export const MTIME = new Date('2024-01-02T03:04:05Z');

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** A published tree on a disk, served on the loopback; gone at the end of the test. */
export interface Rig extends AsyncDisposable {
  /** Directory around the served root, for things that must not be served. */
  readonly outside: string;
  readonly root: string;
  readonly server: RepositoryServer;
  readonly url: string;
  readonly log: string[];
  put(path: string, bytes: string | Buffer): Promise<void>;
  /** The path goes out exactly as given. */
  ask(path: string, options?: { method?: string; headers?: Record<string, string> }): Promise<Answer>;
  /** Only up to the headers. */
  begin(path: string, method?: string, headers?: Record<string, string>): Promise<IncomingMessage>;
}

export async function startRig(graceMs = 5000): Promise<Rig> {
  const outside = await mkdtemp(join(tmpdir(), 'serve-'));
  const root = join(outside, 'root');
  await mkdir(root);
  const log: string[] = [];
  const server = createServer({ root, log: (line) => log.push(line), graceMs });
  const url = await server.listen(0, '127.0.0.1');
  const begin = async (
    path: string,
    method = 'GET',
    headers: Record<string, string> = {},
  ): Promise<IncomingMessage> => {
    const { hostname, port } = new URL(url);
    const outgoing = request({ hostname, port, path, method, headers, agent: false });
    outgoing.end();
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    return incoming;
  };
  return {
    outside,
    root,
    server,
    url,
    log,
    begin,
    async put(path, bytes) {
      const target = join(root, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, bytes);
      await utimes(target, MTIME, MTIME);
    },
    async ask(path, { method, headers } = {}) {
      const incoming = await begin(path, method, headers);
      const body = await buffer(incoming);
      return { status: incoming.statusCode ?? 0, headers: incoming.headers, body, text: body.toString() };
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await rm(outside, { recursive: true });
    },
  };
}
