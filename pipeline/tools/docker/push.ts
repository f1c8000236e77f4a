import type { AuthConfigObject } from 'dockerode';
import { registryHost } from '../../plan/registry.ts';
import { FactoryError } from '../../run/failure.ts';
import type { RegistryLogin, TransferHooks } from '../tools.ts';
import { cancellable, orStopped } from './cancel.ts';
import type { Engine } from './connect.ts';
import { isConnectionError, messageOf, saysDiskFull, statusOf } from './errors.ts';
import { splitTag } from './import-image.ts';
import { readable } from './streams.ts';
import { tagImage } from './tag-image.ts';
import { readTransfer } from './transfer.ts';

/** An engine that waits for a registry says nothing; one that is there answers such a question at once. */
const ANSWER_WITHIN_MS = 30_000;

/** What a tag points at in its registry, as the engine is told; undefined: there is no such image. Failures: RegistryFailed. */
export async function registryDigest(
  engine: Engine,
  reference: string,
  { login, signal }: Pick<TransferHooks, 'login' | 'signal'>,
): Promise<string | undefined> {
  return cancellable(signal, async (stop) => {
    const late = new FactoryError(failed(reference, `no answer within ${ANSWER_WITHIN_MS / 1000} s`));
    const timer = setTimeout(() => stop.abort(late), ANSWER_WITHIN_MS);
    try {
      const asked = engine.docker.getImage(reference).distribution({ authconfig: authOf(reference, login) });
      return (await orStopped(asked, stop.signal)).Descriptor.digest;
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw ours(error, reference);
    } finally {
      clearTimeout(timer);
    }
  });
}

/** Tags and pushes; returns the digest. Failures: SourceMissing, RegistryFailed. */
export async function pushImage(engine: Engine, id: string, tag: string, hooks: TransferHooks): Promise<string> {
  await tagImage(engine, id, tag);
  const name = splitTag(tag);
  return cancellable(hooks.signal, async (stop) => {
    try {
      const request = { tag: name.tag, authconfig: authOf(tag, hooks.login), abortSignal: stop.signal };
      const digest = await readTransfer(readable(await engine.docker.getImage(name.repo).push(request)), hooks);
      if (digest === undefined) throw new Error('the engine named no digest after pushing it');
      return digest;
    } catch (error) {
      throw ours(error, tag);
    }
  });
}

/** Where nobody logs in, the engine wants something to read all the same. */
export function authOf(reference: string, login: RegistryLogin | undefined): AuthConfigObject {
  if (login === undefined) return {};
  return { username: login.user, password: login.password, serveraddress: registryHost(reference) };
}

/** What is the engine's own trouble stays that; everything else it says is about the registry. */
function ours(error: unknown, reference: string): unknown {
  const reason = messageOf(error);
  if (error instanceof FactoryError || isConnectionError(error) || saysDiskFull(reason)) return error;
  return new FactoryError(failed(reference, reason), { cause: error });
}

const failed = (reference: string, reason: string) =>
  ({ kind: 'RegistryFailed', registry: registryHost(reference), image: reference, reason }) as const;
