import { setTimeout as sleep } from 'node:timers/promises';
import type { Sha256 } from '../../plan/artifact.ts';
import { FactoryError } from '../../run/failure.ts';
import type { Attempt } from '../../run/failure.ts';
import type { Store } from '../tools.ts';
import { contentProblem, headOf } from './content.ts';
import { maskCredentials, placeOf } from './mirror-url.ts';
import type { Failed, Outcome } from './outcome.ts';
import { refused } from './outcome.ts';
import type { Part } from './part.ts';
import { discardPart, openPart } from './part.ts';
import { tryFtp } from './try-ftp.ts';
import { tryHttp } from './try-http.ts';
import { tryLocal } from './try-local.ts';
import type { Wanted } from './wanted.ts';

/** What a mirror came to. `got`: the digest of what it served instead, when that was the trouble. */
export type Verdict =
  | { readonly kind: 'made'; readonly digest: Sha256; readonly size: number }
  | { readonly kind: 'failed'; readonly reason: string; readonly got: string | null };

export interface MirrorJob {
  readonly mirror: string;
  readonly store: Store;
  readonly partDir: string;
  readonly partName: string;
  readonly onAttempt: (attempt: Attempt) => void;
}

/** Everything one mirror has to give: tries, resumes, checks. Throws Cancelled, DiskFull and what is our own fault. */
export async function fromMirror(job: MirrorJob, wanted: Wanted): Promise<Verdict> {
  for (;;) {
    const part = await openPart(job.partDir, job.partName);
    let complete = false;
    try {
      const failed = await tries(part, job, wanted);
      if (failed) return { kind: 'failed', reason: failed, got: null };
      complete = true;
    } finally {
      if (!complete) await part.close();
    }
    const { inherited } = part;
    await part.finish();
    const verdict = await judge(part.path, job, wanted);
    if (verdict.kind === 'made') return verdict;
    await discardPart(job.partDir, job.partName);
    job.onAttempt({ url: maskCredentials(job.mirror), reason: verdict.reason });
    // Some of the bytes were not this mirror's: it deserves to be judged by its own.
    if (!inherited) return verdict;
  }
}

/** Fills the part; returns null when it is complete, else the reason why this mirror is given up. */
async function tries(part: Part, job: MirrorJob, wanted: Wanted): Promise<string | null> {
  const { limits, signal } = wanted;
  if (wanted.size !== null && part.size > wanted.size) await part.reset();
  if (wanted.size !== null && wanted.sha256 !== null && part.size === wanted.size) return null;
  for (let count = 1; ; count++) {
    const before = part.size;
    const outcome = await tryOnce(part, job.mirror, wanted);
    if (signal.aborted) throw new FactoryError({ kind: 'Cancelled' });
    if (outcome.kind === 'complete') return null;
    if (!outcome.keep) await part.reset();
    job.onAttempt({ url: maskCredentials(job.mirror), reason: outcome.reason });
    if (outcome.again === 'no') return outcome.reason;
    if (part.size - before >= limits.freeTryBytes) count = 0;
    if (count >= limits.tries) return count === 1 ? outcome.reason : `${outcome.reason} (${count} tries)`;
    if (outcome.again === 'backoff') await pause(outcome, Math.max(1, count), wanted);
  }
}

async function tryOnce(part: Part, mirror: string, wanted: Wanted): Promise<Outcome> {
  const place = placeOf(mirror, wanted.file);
  switch (place.kind) {
    case 'http':
      return await tryHttp(place.url, part, wanted);
    case 'ftp':
      return await tryFtp(place.url, part, wanted);
    case 'local':
      return await tryLocal(place.path, part, wanted);
    case 'bad':
      return refused(place.reason);
  }
}

async function pause(outcome: Failed, count: number, { limits, signal }: Wanted): Promise<void> {
  const usual = limits.backoffMs * 2 ** Math.min(count - 1, 3);
  try {
    await sleep(outcome.waitMs ?? usual, undefined, { signal });
  } catch (error) {
    throw new FactoryError({ kind: 'Cancelled' }, { cause: error });
  }
}

async function judge(path: string, { store }: MirrorJob, wanted: Wanted): Promise<Verdict> {
  const problem = contentProblem(wanted.file, await headOf(path), wanted.sha256 !== null);
  if (problem !== null) return { kind: 'failed', reason: problem, got: null };
  try {
    return { kind: 'made', ...(await store.adopt(path, wanted.sha256 ?? undefined)) };
  } catch (error) {
    if (!(error instanceof FactoryError) || error.failure.kind !== 'ChecksumMismatch') throw error;
    const { want, got } = error.failure;
    return { kind: 'failed', reason: `sha256 is ${got}, not ${want}`, got };
  }
}
