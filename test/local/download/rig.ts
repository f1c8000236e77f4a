import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sha256 } from '../../../pipeline/plan/artifact.ts';
import { FactoryError } from '../../../pipeline/run/failure.ts';
import type { Attempt, Failure } from '../../../pipeline/run/failure.ts';
import { createStore } from '../../../pipeline/store/index.ts';
import { createDownloads } from '../../../pipeline/tools/download/index.ts';
import type { DownloadLimits } from '../../../pipeline/tools/download/limits.ts';
import type { DownloadRequest } from '../../../pipeline/tools/tools.ts';
import { startFaultyServer } from '../../helpers/faulty-server.ts';
import type { FaultyServer } from '../../helpers/faulty-server.ts';

/** Short enough for tests, long enough for a loaded machine. */
const FAST: Partial<DownloadLimits> = { tries: 3, backoffMs: 1, progressMs: 0 };

export const sha256 = (bytes: Buffer): Sha256 => createHash('sha256').update(bytes).digest('hex') as Sha256;

/** Bytes without a pattern that could hide a splice in the wrong place. */
export function noise(size: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0, x = seed; at < size; at++) bytes[at] = (x = (x * 1103515245 + 12345) & 0x7fffffff) >> 16;
  return bytes;
}

/** A store, a directory for unfinished files and a server, gone at the end of the test. */
export interface Rig extends AsyncDisposable {
  readonly server: FaultyServer;
  readonly partDir: string;
  readonly dir: string;
  readonly attempts: Attempt[];
  readonly progress: (readonly [number, number | null])[];
  /** Fetches with a new instance, as another run of the factory would. */
  fetch(request: Partial<DownloadRequest>, options?: FetchOptions): Promise<{ bytes: Buffer; url: string }>;
  /** Two fetches of one instance at the same time. */
  fetchTwice(request: Partial<DownloadRequest>): Promise<{ digest: Sha256 }[]>;
  /** The failure of a fetch that must fail. */
  failure(request: Partial<DownloadRequest>, options?: FetchOptions): Promise<Failure>;
  /** Sizes of what waits for the next try. */
  parts(): Promise<number[]>;
}

interface FetchOptions {
  readonly limits?: Partial<DownloadLimits>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

export async function startRig(): Promise<Rig> {
  const server = await startFaultyServer();
  const dir = await mkdtemp(join(tmpdir(), 'download-'));
  const partDir = join(dir, 'parts');
  const store = createStore(join(dir, 'store'));
  const attempts: Attempt[] = [];
  const progress: (readonly [number, number | null])[] = [];
  const fetch: Rig['fetch'] = async (request, { limits, signal, onProgress } = {}) => {
    const downloads = createDownloads({ store, partDir, limits: { ...FAST, ...limits } });
    const made = await downloads.fetch(
      { source: 'demo', file: 'data.bin', urls: [], sha256: null, size: null, ...request },
      {
        signal: signal ?? new AbortController().signal,
        onAttempt: (attempt) => attempts.push(attempt),
        onProgress: (done, total) => {
          progress.push([done, total]);
          onProgress?.(done);
        },
      },
    );
    const bytes = await store.read(made.digest);
    if (bytes.length !== made.size) throw new Error(`size ${made.size}, but ${bytes.length} bytes in the store`);
    return { bytes, url: made.url };
  };
  const fetchTwice: Rig['fetchTwice'] = (request) => {
    const downloads = createDownloads({ store, partDir, limits: FAST });
    const hooks = { signal: new AbortController().signal, onAttempt: () => undefined, onProgress: () => undefined };
    const whole = { source: 'demo', file: 'data.bin', urls: [], sha256: null, size: null, ...request };
    return Promise.all([downloads.fetch(whole, hooks), downloads.fetch(whole, hooks)]);
  };
  return {
    server,
    partDir,
    dir,
    attempts,
    progress,
    fetch,
    fetchTwice,
    async failure(request, options) {
      try {
        await fetch(request, options);
      } catch (error) {
        if (error instanceof FactoryError) return error.failure;
        throw error;
      }
      throw new Error('the download should have failed');
    },
    async parts() {
      const names = (await readdir(partDir)).filter((name) => name.endsWith('.part'));
      return Promise.all(names.map(async (name) => (await stat(join(partDir, name))).size));
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(dir, { recursive: true });
    },
  };
}

/** The failure of a single mirror with this reason. */
export const mirrorFailed = (url: string, reason: string): Failure => ({
  kind: 'AllMirrorsFailed',
  source: 'demo',
  attempts: [{ url, reason }],
});
