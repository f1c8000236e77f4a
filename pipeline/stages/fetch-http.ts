import { finished } from 'node:stream/promises';
import type { Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import type { Store } from '../tools/tools.ts';
import type { Stage } from './stage.ts';

/** Downloads one upstream file from its mirrors, in order, with resume and checks (tools/download). */
export const fetchHttp: Stage<'fetch-http'> = {
  name: 'fetch-http',
  version: 1,
  weight: 'light',
  async run({ step, tools, emit, log, signal, offline }) {
    const { file, sha256, size } = step.params;
    if (sha256 !== null && size !== null && (await isStored(tools.store, sha256, size))) {
      log(`${file}: already in the store`);
      return { outputs: [{ kind: 'source', name: file, digest: sha256, size }], facts: { trust: 'locked digest' } };
    }
    if (offline) throw new FactoryError({ kind: 'Offline', step: step.id, what: `download of ${file}` });
    const got = await tools.downloads.fetch(
      { source: file, file, urls: step.hints.urls, sha256, size },
      {
        onProgress: (done, total) =>
          emit({ type: 'step-progress', step: step.id, phase: 'download', done, total, unit: 'bytes' }),
        onAttempt: (attempt) => log(`${attempt.url}: ${attempt.reason}`, 'stderr'),
        signal,
      },
    );
    log(`${file}: ${got.size} bytes, sha256 ${got.digest}`);
    return {
      outputs: [{ kind: 'source', name: file, digest: got.digest, size: got.size }],
      facts: { trust: sha256 === null ? 'none: not locked' : 'locked digest' },
    };
  },
};

/** Whether the store has these very bytes: a source that was fetched before it was locked is not fetched again. */
async function isStored(store: Store, digest: Sha256, size: number): Promise<boolean> {
  if (!(await store.has(digest, size))) return false;
  try {
    await finished((await store.open(digest)).resume());
    return true;
  } catch (thrown) {
    if (thrown instanceof FactoryError && thrown.failure.kind === 'StoreCorrupt') return false;
    throw thrown;
  }
}
