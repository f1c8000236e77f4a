import { FactoryError } from '../run/failure.ts';
import type { Stage } from './stage.ts';

/** Downloads one upstream file from its mirrors, in order, with resume and checks (tools/download). */
export const fetchHttp: Stage<'fetch-http'> = {
  name: 'fetch-http',
  version: 1,
  weight: 'light',
  async run({ step, tools, emit, log, signal, offline }) {
    const { file, sha256, size } = step.params;
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
