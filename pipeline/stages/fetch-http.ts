import type { Artifact, Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import type { Store } from '../tools/tools.ts';
import type { Stage } from './stage.ts';
import { isLocal, isStored } from './stored.ts';

/** Downloads one upstream file from its mirrors, in order, with resume and checks (tools/download). */
export const fetchHttp: Stage<'fetch-http'> = {
  name: 'fetch-http',
  version: 2,
  weight: 'light',
  async run({ step, tools, emit, log, signal, offline }) {
    const { file, sha256, size } = step.params;
    if (sha256 !== null && size !== null && (await isStored(tools.store, sha256, size))) {
      log(`${file}: already in the store`);
      const origin = await originOf(tools.store, 'store', file);
      return {
        outputs: [{ kind: 'source', name: file, digest: sha256, size }, origin],
        facts: { trust: 'locked digest' },
      };
    }
    const urls = offline ? step.hints.urls.filter(isLocal) : step.hints.urls;
    if (urls.length === 0) throw new FactoryError({ kind: 'Offline', step: step.id, what: `download of ${file}` });
    const got = await tools.downloads.fetch(
      { source: file, file, urls, sha256, size },
      {
        onProgress: (done, total) =>
          emit({ type: 'step-progress', step: step.id, phase: 'download', done, total, unit: 'bytes' }),
        onAttempt: (attempt) => log(`${attempt.url}: ${attempt.reason}`, 'stderr'),
        signal,
      },
    );
    log(`${file}: ${got.size} bytes, sha256 ${got.digest}`);
    return {
      outputs: [
        { kind: 'source', name: file, digest: got.digest, size: got.size },
        await originOf(tools.store, got.url, file),
      ],
      facts: { trust: trustOf(sha256, step.hints.vouched), url: got.url },
    };
  },
};

function trustOf(sha256: Sha256 | null, vouched: boolean): string {
  if (sha256 !== null) return 'locked digest';
  return vouched ? 'none yet: its signature decides' : 'none: not locked';
}

/** Which mirror the bytes came from: each may have a key of its own. */
async function originOf(store: Store, url: string, file: string): Promise<Artifact<'origin'>> {
  const bytes = Buffer.from(`${JSON.stringify({ url })}\n`);
  return { kind: 'origin', name: `${file}.origin.json`, ...(await store.put(bytes)) };
}
