import type { Artifact, Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import type { StageContext, StageResult } from './stage.ts';
import { isLocal, isStored } from './stored.ts';

type Context = StageContext<'fetch-apt'>;

/**
 * A locked file without asking apt: from the store, or a copy that the user has. The lock's digest decides, whoever served
 * it. undefined: there is none, apt has to be asked. Failures (only offline): AllMirrorsFailed, ChecksumMismatch.
 */
export async function copiedFile(context: Context): Promise<StageResult | undefined> {
  const { step, tools, log, offline } = context;
  const { sha256, version } = step.params;
  const { locked } = step.hints;
  if (sha256 === null || version === null || locked === null) return undefined;
  if (await isStored(tools.store, sha256, locked.size)) {
    log(`${locked.file}: already in the store`);
    return result(context, sha256, version, locked);
  }
  const urls = step.hints.urls.filter(isLocal);
  if (urls.length === 0) return undefined;
  try {
    const { url } = await tools.downloads.fetch(
      { source: locked.file, file: locked.file, urls, sha256, size: locked.size },
      {
        onProgress: () => undefined,
        onAttempt: (attempt) => log(`${attempt.url}: ${attempt.reason}`, 'stderr'),
        signal: context.signal,
      },
    );
    log(`${locked.file}: from ${url}`);
  } catch (thrown) {
    // With a network apt is the next place to look, as the next mirror is for a download.
    if (offline || !(thrown instanceof FactoryError) || !NOT_HAD.has(thrown.failure.kind)) throw thrown;
    return undefined;
  }
  return result(context, sha256, version, locked);
}

const NOT_HAD: ReadonlySet<string> = new Set(['AllMirrorsFailed', 'ChecksumMismatch']);

async function result(
  { step, tools }: Context,
  digest: Sha256,
  version: string,
  { file, size, upstreamVersion }: { readonly file: string; readonly size: number; readonly upstreamVersion: string },
): Promise<StageResult> {
  const { apt, package: name } = step.params;
  // Byte for byte what fetch-apt.sh writes: whoever uses it cannot tell the two apart.
  const info = { package: name, version, upstreamVersion, file, sha256: digest, size, kind: apt };
  const written = await tools.store.put(Buffer.from(`${JSON.stringify(info)}\n`));
  const source: Artifact<'source'> = { kind: 'source', name: file, digest, size };
  return {
    outputs: [source, { kind: 'source-info', name: 'info.json', ...written }],
    facts: { trust: 'locked digest', package: name, version, upstreamVersion, file },
  };
}
