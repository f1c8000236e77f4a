import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RegistryLogin } from '../../pipeline/tools/tools.ts';

/** A registry of images (Debian's docker-registry) on the loopback, which engines take without TLS. */
export interface RegistryServer extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  /** Whoever has it may do everything, nobody else anything; undefined: everybody may. */
  readonly login: RegistryLogin | undefined;
  /** Kills it at once, in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Waits until so many bytes have arrived. */
  received(bytes: number): Promise<void>;
  /** Starts it again, at the same address and with what it has taken until then. */
  start(): Promise<void>;
}

/** Starts one with an empty storage. */
export async function registryServer({ open = false } = {}): Promise<RegistryServer> {
  const dir = await mkdtemp(join(tmpdir(), 'factory-registry-'));
  const storage = join(dir, 'storage');
  const host = `127.0.0.1:${String(await freePort())}`;
  const login = open ? undefined : { user: 'tester', password: `pw-${randomBytes(12).toString('hex')}` };
  const config = join(dir, 'config.yml');
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: storage } },
      http: { addr: host },
      ...(login === undefined ? {} : { auth: { htpasswd: { realm: 'tests', path: join(dir, 'htpasswd') } } }),
    }),
  );
  if (login !== undefined) await writeFile(join(dir, 'htpasswd'), `${login.user}:${await bcrypt(login.password)}\n`);
  let child: ChildProcess | undefined;
  const server: RegistryServer = {
    host,
    login,
    async kill() {
      if (child?.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    async received(bytes) {
      while ((await bytesBelow(storage)) < bytes) await setTimeout(20);
    },
    async start() {
      const started = spawn('docker-registry', ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
      child = started;
      let said = '';
      started.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4096)));
      const failed = Promise.race([once(started, 'error'), once(started, 'close')]).then(([why]: unknown[]) => {
        throw new Error(`the registry ended: ${String(why)} ${said}`);
      });
      await Promise.race([failed, answers(host)]);
      failed.catch(() => undefined);
    },
    async [Symbol.asyncDispose]() {
      await server.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

async function answers(host: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const status = await fetch(`http://${host}/v2/`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200 || status === 401) return;
    await setTimeout(50);
  }
  throw new Error(`no registry at ${host}`);
}

/**
 * A free port below those that the system gives to whoever asks for any: it has to stay free until the registry has it, and while
 * the registry is dead. Tests run side by side.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 30_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      (error: unknown) => {
        if ((error as { code?: string }).code === 'EADDRINUSE') return false;
        throw error;
      },
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

async function bytesBelow(dir: string): Promise<number> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  // It moves what it has received while we look.
  const sizes = entries.map((entry) =>
    stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** The only kind of hash that the registry takes; perl has it from the C library. */
async function bcrypt(password: string): Promise<string> {
  const salt = `$2y$05$${randomBytes(16).toString('hex').slice(0, 21)}u`;
  const { stdout } = await promisify(execFile)('perl', ['-e', 'print crypt($ARGV[0], $ARGV[1])', password, salt]);
  if (!stdout.startsWith('$2y$')) throw new Error('this C library knows no bcrypt');
  return stdout;
}
