import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf, familiarName, registryHost } from '../../plan/registry.ts';
import { FactoryError } from '../../run/failure.ts';
import { splitTag } from '../docker/import-image.ts';
import type { Containers, Pulled, Registry, RegistryHooks, RegistryLogin, TransferHooks } from '../tools.ts';
import { verdictOf } from './verdict.ts';

export interface RegistryOptions {
  readonly containers: Pick<Containers, 'imageDigests' | 'pull' | 'pushImage' | 'registryDigest'>;
  /** The login for a registry, by its host; undefined: it is asked as anybody. */
  readonly loginFor: (host: string) => RegistryLogin | undefined;
  readonly limits?: Partial<RegistryLimits>;
}

/** Times in milliseconds. */
interface RegistryLimits {
  /** How often something is tried that may pass. The engine itself repeats parts of a push for up to a minute. */
  readonly tries: number;
  /** The first pause; each is twice the one before. */
  readonly backoffMs: number;
  /** Least time between two reports of progress. */
  readonly progressMs: number;
}
const DEFAULT_LIMITS: RegistryLimits = { tries: 3, backoffMs: 1000, progressMs: 500 };

/** Registries with login, retries and memory: one that did not answer is not asked again by the same run. */
export function createRegistry(options: RegistryOptions): Registry {
  const { containers, loginFor } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  /** By registry: why it does not answer, and which of them somebody was told about. */
  const silent = new Map<string, string>();
  const told = new Set<string>();
  const failed = (registry: string, reason: string): Pulled => {
    const before = told.has(registry);
    told.add(registry);
    return { kind: 'failed', registry, reason, told: before };
  };
  const hooksFor = (reference: string, hooks: RegistryHooks): TransferHooks => ({
    ...hooks,
    login: loginFor(registryHost(reference)),
    onBytes: throttled(limits.progressMs, hooks.onBytes),
  });

  async function pull(reference: string, hooks: TransferHooks): Promise<Pulled> {
    const repository = reference.includes('@') ? reference.replace(/@.*/, '') : splitTag(reference).repo;
    const digest = reference.includes('@')
      ? digestOf(reference)
      : await retrying(limits, hooks, () => containers.registryDigest(reference, hooks));
    if (digest === undefined) return { kind: 'absent' };
    // Whatever the tag points at by now: what is pulled is what was told.
    const id = await retrying(limits, hooks, () => containers.pull(repository, digest, hooks));
    return { kind: 'image', id, pinned: `${repository}@${digest}` };
  }

  return {
    async pull(reference, hooks) {
      const registry = registryHost(reference);
      const before = silent.get(registry);
      if (before !== undefined) return failed(registry, before);
      try {
        return await pull(reference, hooksFor(reference, hooks));
      } catch (thrown) {
        const reason = reasonOf(thrown);
        if (reason === undefined) throw thrown;
        const verdict = verdictOf(reason);
        if (verdict === 'absent') return { kind: 'absent' };
        // One that refuses an image may well give another: some say so of what they do not have.
        if (verdict === 'passing') silent.set(registry, reason);
        return failed(registry, reason);
      }
    },
    async push({ id, repository, tags }, hooks) {
      const known = await containers.imageDigests(id);
      const own = known.filter((one) => one.startsWith(`${familiarName(repository)}@`)).map(digestOf);
      let digest: string | undefined;
      let pushed = false;
      for (const tag of tags) {
        const reference = `${repository}:${tag}`;
        const watched = hooksFor(reference, hooks);
        const there = await retrying(limits, watched, () => containers.registryDigest(reference, watched)).catch(
          ifRefused,
        );
        if (there !== undefined && (there === digest || own.includes(there))) {
          digest ??= there;
          continue;
        }
        if (there !== undefined) hooks.onLine(`${reference}: it was ${there} until now`);
        const made = await retrying(limits, watched, () => containers.pushImage(id, reference, watched));
        digest ??= made;
        pushed = true;
      }
      if (digest === undefined) throw new Error(`${repository}: no tag to push it under`);
      return { digest, pushed };
    },
  };
}

/** Some registries refuse to talk about what they do not have yet; the push says what they really refuse. */
function ifRefused(thrown: unknown): undefined {
  if (verdictOf(reasonOf(thrown) ?? '') === 'refused') return undefined;
  throw thrown;
}

/** What a registry, or the engine about it, said; undefined for any other trouble. */
function reasonOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof FactoryError)) return undefined;
  const { failure } = thrown;
  const said = failure.kind === 'AllMirrorsFailed' ? failure.attempts.at(-1)?.reason : undefined;
  const reason = failure.kind === 'RegistryFailed' ? failure.reason : said;
  // The client's own words for the status of the engine's answer say nothing about the registry.
  return reason?.replace(/^(?:server error|unexpected|no such image) - /, '');
}

async function retrying<T>(
  { tries, backoffMs }: RegistryLimits,
  { onLine, signal }: Pick<TransferHooks, 'onLine' | 'signal'>,
  work: () => Promise<T>,
): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await work();
    } catch (thrown) {
      const reason = reasonOf(thrown);
      if (reason === undefined || count >= tries || verdictOf(reason) !== 'passing') throw thrown;
      const pause = backoffMs * 2 ** (count - 1);
      onLine(`${reason}; again in ${pause / 1000} s`);
      await sleep(pause, undefined, { signal }).catch((cause: unknown) => {
        throw new FactoryError({ kind: 'Cancelled' }, { cause });
      });
    }
  }
}

type OnBytes = NonNullable<TransferHooks['onBytes']>;

/** No more often than once in so many milliseconds, but always the end. */
function throttled(everyMs: number, onBytes: OnBytes = () => undefined): OnBytes {
  let last = -Infinity;
  return (done, total) => {
    const now = performance.now();
    if (done !== total && now - last < everyMs) return;
    last = now;
    onBytes(done, total);
  };
}
