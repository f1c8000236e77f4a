import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lock } from '../../pipeline/recipe/lock.ts';
import type { TransferHooks } from '../../pipeline/tools/tools.ts';
import { forgetRegistry, removeOwnImages } from './own-images.ts';
import { registryServer, type RegistryServer } from './registry-server.ts';
import { type Finished, runFactory } from './run-factory.ts';
import { checkout } from './workflow/checkout.ts';

const PREFIX = 'acme/fullnat';

/** An image in the result of a push. */
export interface PushedImage {
  readonly name: string;
  readonly image: string;
  readonly digest: string;
  readonly pushed: boolean;
  readonly tags: readonly string[];
}

type Options = Parameters<typeof runFactory>[1];
/** bin/factory with a recipe, an artifacts directory and mostly the registry. */
export type Machine = (args: readonly string[], options?: Options) => Promise<Finished>;

/** A real registry with a login, a checkout whose image folders a test may change, and a directory. */
export interface RegistryRig extends AsyncDisposable {
  readonly dir: string;
  readonly work: string;
  readonly server: RegistryServer;
  readonly login: Readonly<Record<string, string>>;
  /** What is given as `--image-cache`. */
  readonly prefix: string;
  /** With the login, for the engine. */
  readonly hooks: TransferHooks;
  /** A machine is an artifacts directory; `recipe`: its folder in the checkout; `cache`: whether the registry is named. */
  on(recipe: string, artifacts: string, cache?: boolean): Machine;
  lockOf(recipe: string): Promise<Lock>;
}

/** Makes one. Images whose names begin with `name` are removed with it. */
export async function registryRig(name: string): Promise<RegistryRig> {
  const dir = await mkdtemp(join(tmpdir(), 'factory-registry-e2e-'));
  const work = join(dir, 'checkout');
  await checkout(work);
  const server = await registryServer();
  const { user = '', password = '' } = server.login ?? {};
  const login = { FACTORY_REGISTRY_USER: user, FACTORY_REGISTRY_PASSWORD: password };
  const prefix = `${server.host}/${PREFIX}`;
  return {
    ...{ dir, work, server, login, prefix },
    hooks: { onLine: () => undefined, login: server.login, signal: new AbortController().signal },
    on:
      (recipe, artifacts, cache = true) =>
      (args, options) => {
        const more = ['--recipe', join(work, recipe), '--artifacts', join(dir, artifacts)];
        const where = cache ? ['--image-cache', prefix] : [];
        const env = { ...login, ...options?.env };
        return runFactory([...args, ...where, ...more], { checkout: work, ...options, env });
      },
    lockOf: async (recipe) => JSON.parse(await readFile(join(work, recipe, 'lock.json'), 'utf8')) as Lock,
    async [Symbol.asyncDispose]() {
      await forgetRegistry(server.host);
      await removeOwnImages(name);
      await server[Symbol.asyncDispose]();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** The result: the last line of standard output. */
export const resultOf = ({ stdout }: Finished): unknown => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
export const pushedIn = (finished: Finished) => (resultOf(finished) as { images: readonly PushedImage[] }).images;
export const warningsOf = ({ events }: Finished): string[] =>
  events.flatMap((event) => (event.type === 'note' && event.level === 'warning' ? [event.message] : []));
/** How steps came to their images, in a run with --json. */
export const howsOf = ({ events }: Finished): string[] =>
  events.flatMap((event) => (event.type === 'step-made' ? [`${event.step}: ${String(event.record.facts.how)}`] : []));
