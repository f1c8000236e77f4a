import type { Sha256 } from '../plan/artifact.ts';
import { handlesOf, type Step } from '../plan/step.ts';
import type { PastStep } from '../run/history.ts';
import { type Account, infoOf, outputOf, pastOf } from './account.ts';
import { debPurl, genericPurl } from './purl.ts';

/** A file that somebody else made, as it came in. */
export interface UpstreamFile {
  readonly step: string;
  readonly file: string;
  readonly digest: Sha256;
  /** null where the recipe does not say: a file of the recipe's own folder, a directory given by the user. */
  readonly url: string | null;
  readonly purl: string;
  /** null: unknown. */
  readonly version: string | null;
  /** Why its bytes were believed. */
  readonly trust: string;
  /** Fingerprints of the keys of which one signed it. */
  readonly keys: readonly string[];
}

/** The fetched files out of which an output of a step was made: itself, or what it was taken out of. */
export function upstreamOf(account: Account, stepId: string): readonly UpstreamFile[] {
  const past = account.history.find(({ step }) => step.id === stepId);
  if (past === undefined) throw new Error(`${stepId} is not in the history`);
  return fetched(account, past) ?? sourcesOf(past.step).flatMap((id) => upstreamOf(account, id));
}

/** Every fetched file of a history, in plan order. */
export function allUpstream(account: Account): readonly UpstreamFile[] {
  return account.history.flatMap((past) => fetched(account, past) ?? []);
}

function sourcesOf(step: Step): string[] {
  return handlesOf(step).flatMap(({ handle }) => (handle.kind === 'source' ? [handle.step] : []));
}

function fetched(account: Account, { step, record }: PastStep): readonly UpstreamFile[] | undefined {
  const made = (): { step: string; file: string; digest: Sha256 } => {
    const { name, digest } = outputOf(record, 'source');
    return { step: step.id, file: name, digest };
  };
  if (step.stage === 'fetch-http') {
    const base = made();
    const url = account.upstream[step.id] ?? null;
    const keys = signers(account, step.id);
    const version = /^.+-([^-]+-[^-]+)\.src\.rpm$/.exec(base.file)?.[1] ?? null;
    const trust = [...(keys.length > 0 ? ['signature'] : []), ...(step.params.sha256 === null ? [] : ['checksum'])];
    const purl = genericPurl(base.file, base.digest, url);
    return [{ ...base, url, purl, version, trust: trust.join(' and ') || 'none', keys }];
  }
  if (step.stage === 'fetch-apt') {
    const info = infoOf(account, record);
    const purl = debPurl(info.package, info.version, step.params.apt === 'source');
    const trust = 'signed index of the archive';
    return [{ ...made(), url: null, purl, version: info.upstreamVersion, trust, keys: [] }];
  }
  if (step.stage === 'fetch-file') {
    const base = made();
    const purl = genericPurl(base.file, base.digest, null);
    return [{ ...base, url: null, purl, version: null, trust: 'in the recipe', keys: [] }];
  }
  return undefined;
}

/** Who may have signed a download, when that was checked. */
function signers({ history }: Account, fetchedBy: string): string[] {
  const check = pastOf(history, 'verify-srpm').find(({ step }) => step.inputs.srpm.step === fetchedBy);
  return check?.step.params.keys.map(({ fingerprint }) => fingerprint) ?? [];
}
