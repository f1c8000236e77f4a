import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { REGISTRY_PATH, registryHost } from '../plan/registry.ts';
import { FactoryError } from '../run/failure.ts';
import type { RegistryLogin } from '../tools/tools.ts';
import type { CommonOptions, World } from './world.ts';

/** Who we are to registries. */
export interface RegistryAccess {
  /** The login for a host; undefined: none. */
  readonly loginFor: (host: string) => RegistryLogin | undefined;
  /** What no log may show. */
  readonly words: readonly string[];
}

/**
 * The registry that the user names with `--image-cache`, or else FACTORY_IMAGE_CACHE; undefined: what recipe and lock say; null:
 * none, whatever they say. Failures: Usage.
 */
export function imageCacheOf({ env }: World, { imageCache }: CommonOptions): string | null | undefined {
  const from = imageCache === undefined ? 'FACTORY_IMAGE_CACHE' : '--image-cache';
  const given = (imageCache ?? env.FACTORY_IMAGE_CACHE ?? '').replace(/\/$/, '');
  if (given === '') return undefined;
  if (given === 'none') return null;
  if (!REGISTRY_PATH.test(given))
    throw new FactoryError({
      kind: 'Usage',
      message: `${from} ${given} is no place in a registry`,
      advice: 'Give registry/path in lower case, without https:// and tag, as in ghcr.io/acme/fullnat; or none.',
    });
  return given;
}

/**
 * FACTORY_REGISTRY_USER and FACTORY_REGISTRY_PASSWORD go to the registry that the user names, and to no other: what only a recipe
 * or a lock names may be anybody's. Any other registry gets what `docker login` has kept for it in a file (credential helpers are
 * not asked). Failures: Usage (one of both without the other).
 */
export async function registryAccess(
  { env }: Pick<World, 'env'>,
  imageCache: string | null | undefined,
): Promise<RegistryAccess> {
  const [user, password] = [env.FACTORY_REGISTRY_USER ?? '', env.FACTORY_REGISTRY_PASSWORD ?? ''];
  if ((user === '') !== (password === ''))
    throw new FactoryError({
      kind: 'Usage',
      message: `FACTORY_REGISTRY_${user === '' ? 'PASSWORD is set, and FACTORY_REGISTRY_USER' : 'USER is set, and FACTORY_REGISTRY_PASSWORD'} is not`,
      advice: 'Set both, or none to ask the registry as anybody.',
    });
  const own = user === '' ? undefined : { user, password };
  const ownHost = imageCache === undefined || imageCache === null ? undefined : registryHost(imageCache);
  const kept = await keptLogins(env);
  const logins = [...(own === undefined ? [] : [own]), ...kept.values()];
  return {
    loginFor: (host) => (own !== undefined && host === ownHost ? own : kept.get(host)),
    words: logins.flatMap((one) => [one.password, Buffer.from(`${one.user}:${one.password}`).toString('base64')]),
  };
}

/** What Docker calls its own registry in that file. */
const HUB = 'https://index.docker.io/v1/';

/** Logins by host, from the file of `docker login`. One that is not there or cannot be read has none. */
async function keptLogins({
  DOCKER_CONFIG: dir,
  HOME: home,
}: World['env']): Promise<ReadonlyMap<string, RegistryLogin>> {
  const file = join(dir === undefined || dir === '' ? join(home ?? homedir(), '.docker') : dir, 'config.json');
  const text = await readFile(file, 'utf8').catch(() => '{}');
  return loginsIn(text);
}

/** The logins of a Docker `config.json`. */
export function loginsIn(text: string): ReadonlyMap<string, RegistryLogin> {
  const logins = new Map<string, RegistryLogin>();
  for (const [name, entry] of Object.entries(authsOf(text))) {
    const { auth } = (entry ?? {}) as { readonly auth?: unknown };
    const both = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : '';
    const colon = both.indexOf(':');
    if (colon < 1 || colon === both.length - 1) continue;
    const host = name === HUB ? 'docker.io' : name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
    logins.set(host, { user: both.slice(0, colon), password: both.slice(colon + 1) });
  }
  return logins;
}

function authsOf(text: string): object {
  try {
    const { auths } = JSON.parse(text) as { readonly auths?: unknown };
    return typeof auths === 'object' && auths !== null ? auths : {};
  } catch {
    return {};
  }
}
