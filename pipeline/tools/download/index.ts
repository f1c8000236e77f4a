import { FactoryError } from '../../run/failure.ts';
import type { Attempt } from '../../run/failure.ts';
import type { DownloadRequest, Downloads, Store } from '../tools.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import type { DownloadLimits } from './limits.ts';
import { fromMirror } from './mirror.ts';
import { maskCredentials } from './mirror-url.ts';
import { discardPart, partName } from './part.ts';
import { createSerial } from './serial.ts';
import type { Wanted } from './wanted.ts';

export interface DownloadOptions {
  readonly store: Store;
  /** Where unfinished files wait for the next try; best on the store's file system. Made when absent. */
  readonly partDir: string;
  readonly limits?: Partial<DownloadLimits>;
}

type Hooks = Parameters<Downloads['fetch']>[1];

/**
 * Downloads with mirrors in order, resume and checks. One loop owns the policy; the HTTP client only makes requests.
 * A mirror is an http(s) or file URL or an absolute path; a URL that ends with `/` and a local directory stand for the file
 * of the request's name in them. URLs in results, attempts and failures carry no credentials.
 */
export function createDownloads(options: DownloadOptions): Downloads {
  const serial = createSerial();
  const limits: DownloadLimits = { ...DEFAULT_LIMITS, ...options.limits };
  return {
    // Two requests for the same bytes would write one part file.
    fetch: (request, hooks) => serial(identityOf(request), () => fetchFile(request, hooks, options, limits)),
  };
}

async function fetchFile(request: DownloadRequest, hooks: Hooks, options: DownloadOptions, limits: DownloadLimits) {
  const { source, sha256, urls } = request;
  const nameFor = (mirror: string): string => partName([identityOf(request), ...(sha256 === null ? [mirror] : [])]);
  const wanted = wantedOf(request, hooks, limits);
  const onAttempt = (attempt: Attempt): void => hooks.onAttempt(attempt);
  const attempts: Attempt[] = [];
  const wrong: { url: string; got: string }[] = [];
  for (const mirror of urls) {
    if (hooks.signal.aborted) throw new FactoryError({ kind: 'Cancelled' });
    const url = maskCredentials(mirror);
    const { store, partDir } = options;
    const job = { mirror, store, partDir, partName: nameFor(mirror), onAttempt };
    const verdict = await fromMirror(job, wanted);
    if (verdict.kind === 'made') {
      for (const other of urls) await discardPart(partDir, nameFor(other));
      return { digest: verdict.digest, size: verdict.size, url };
    }
    attempts.push({ url, reason: verdict.reason });
    if (verdict.got !== null) wrong.push({ url, got: verdict.got });
  }
  const [first] = wrong;
  if (first && sha256 !== null && wrong.length === urls.length) {
    throw new FactoryError({ kind: 'ChecksumMismatch', source, want: sha256, got: first.got, mirror: first.url });
  }
  throw new FactoryError({ kind: 'AllMirrorsFailed', source, attempts });
}

const identityOf = ({ sha256, source, file }: DownloadRequest): string => sha256 ?? JSON.stringify([source, file]);

function wantedOf({ file, sha256, size }: DownloadRequest, hooks: Hooks, limits: DownloadLimits): Wanted {
  let last = -Infinity;
  const onBytes = (done: number, total: number | null): void => {
    const now = performance.now();
    if (done !== total && now - last < limits.progressMs) return;
    last = now;
    hooks.onProgress(done, total);
  };
  return { file, sha256, size, limits, signal: hooks.signal, onBytes };
}
