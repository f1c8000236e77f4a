import { createHash } from 'node:crypto';
import { familiarName, registryHost } from '../../pipeline/plan/registry.ts';
import { FactoryError } from '../../pipeline/run/failure.ts';
import { cancellable } from '../../pipeline/tools/docker/cancel.ts';
import type { Containers, RegistryLogin } from '../../pipeline/tools/tools.ts';
import type { FakeEngine } from './fake-containers-engine.ts';

/** The only registry that answers, to whom has the login. What a test offers can be pulled by anybody, from anywhere. */
export interface FakeRegistry {
  readonly host: string;
  readonly login: RegistryLogin;
}

type Verbs = Pick<Containers, 'imageDigests' | 'pull' | 'pushImage' | 'registryDigest'>;

/** What an engine does with registries. */
export function fakeRegistry(engine: FakeEngine, registry: FakeRegistry | undefined): Verbs {
  /** Why the registry of a reference does not do what it is asked for. */
  const refusal = (reference: string, login: RegistryLogin | undefined): string | undefined => {
    if (registryHost(reference) !== registry?.host)
      return `dial tcp ${registryHost(reference)}: connect: connection refused`;
    if (login === undefined) return 'no basic auth credentials';
    const { user, password } = registry.login;
    return login.user === user && login.password === password ? undefined : 'unauthorized: authentication required';
  };
  const mustAnswer = (reference: string, login: RegistryLogin | undefined): void => {
    const reason = refusal(reference, login);
    if (reason !== undefined)
      throw new FactoryError({ kind: 'RegistryFailed', registry: registryHost(reference), image: reference, reason });
  };
  const know = (id: string, pinned: string): void => {
    engine.digests.set(id, new Set([...(engine.digests.get(id) ?? []), familiarName(pinned)]));
  };
  return {
    imageDigests: (reference) => {
      const { id } = engine.findImage(reference) ?? { id: '' };
      return Promise.resolve([...(engine.digests.get(id) ?? [])]);
    },
    pull: async (image, digest, { signal, login }) =>
      cancellable(signal, () => {
        const url = `${image}@${digest}`;
        const found = engine.registry.get(url);
        const mayPull = found?.id === undefined || refusal(url, login) === undefined;
        if (found === undefined || !mayPull) {
          const reason = refusal(url, login) ?? `manifest for ${url} not found: manifest unknown`;
          throw new FactoryError({ kind: 'AllMirrorsFailed', source: image, attempts: [{ url, reason }] });
        }
        const known = found.id === undefined ? undefined : engine.findImage(found.id);
        const { id } = known ?? engine.addImage(found, url);
        know(id, url);
        return Promise.resolve(id);
      }),
    registryDigest: (reference, { signal, login }) =>
      cancellable(signal, () => {
        mustAnswer(reference, login);
        return Promise.resolve(engine.registryTags.get(reference));
      }),
    pushImage: async (id, tag, { signal, login, ...told }) => {
      if (!engine.tagImage(id, tag))
        throw new FactoryError({ kind: 'SourceMissing', source: id, detail: 'no such image' });
      return cancellable(signal, () => {
        mustAnswer(tag, login);
        const { labels, files, program } = engine.findImage(id)!;
        const digest = `sha256:${createHash('sha256').update(id).digest('hex')}`;
        const pinned = `${tag.replace(/:[^:/]*$/, '')}@${digest}`;
        told.onLine('layer: Pushed');
        told.onBytes?.(1, 1);
        engine.registry.set(pinned, { id, labels, files, program });
        engine.registryTags.set(tag, digest);
        know(id, pinned);
        return Promise.resolve(digest);
      });
    },
  };
}
