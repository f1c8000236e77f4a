import { describe, expect, test } from 'vitest';
import { FactoryError } from '../../../pipeline/run/failure.ts';
import { createRegistry, type RegistryOptions } from '../../../pipeline/tools/registry/index.ts';
import { verdictOf } from '../../../pipeline/tools/registry/verdict.ts';
import type { RegistryLogin } from '../../../pipeline/tools/tools.ts';
import { failureFrom } from '../../contract/containers.use.ts';

const D1 = `sha256:${'1'.repeat(64)}`;
const D2 = `sha256:${'2'.repeat(64)}`;
const LOGIN: RegistryLogin = { user: 'u', password: 'p' };

/** A registry whose answers a test writes down: a digest, undefined, or the words of a failure. They are used up in order. */
function rig(answers: readonly (string | undefined)[], known: readonly string[] = []) {
  const left = [...answers];
  const asked: string[] = [];
  const lines: string[] = [];
  const bytes: [number, number][] = [];
  const answer = (what: string, reference: string, login: RegistryLogin | undefined): Promise<string | undefined> => {
    asked.push(`${what} ${reference}${login === undefined ? '' : ` as ${login.user}`}`);
    if (left.length === 0) throw new Error(`nobody expected ${asked.at(-1) ?? ''}`);
    const next = left.shift();
    if (next === undefined || next.startsWith('sha256:')) return Promise.resolve(next);
    const failed = { registry: 'r.io', image: reference, reason: next };
    return Promise.reject(new FactoryError({ kind: 'RegistryFailed', ...failed }));
  };
  const containers: RegistryOptions['containers'] = {
    imageDigests: () => Promise.resolve(known),
    registryDigest: (reference, { login }) => answer('ask', reference, login),
    pull: async (image, digest, { login, ...watch }) => {
      for (let done = 0; done <= 1000; done++) watch.onBytes?.(done, 1000);
      return (await answer('pull', `${image}@${digest}`, login)) ?? '';
    },
    pushImage: async (_, tag, { login }) => (await answer('push', tag, login)) ?? '',
  };
  const loginFor = (host: string) => (host === 'r.io' ? LOGIN : undefined);
  const registry = createRegistry({ containers, loginFor, limits: { backoffMs: 1 } });
  const hooks = {
    onLine: (line: string) => void lines.push(line),
    onBytes: (...both: [number, number]) => void bytes.push(both),
    signal: new AbortController().signal,
  };
  return { registry, hooks, asked, lines, bytes, left };
}

describe('what a registry means', () => {
  test.each([
    ['unauthorized: authentication required', 'refused'],
    ['Head "http://127.0.0.1:5000/v2/a/manifests/t": no basic auth credentials', 'refused'],
    ['denied: requested access to the resource is denied', 'refused'],
    ["pull access denied for a/b, repository does not exist or may require 'docker login'", 'refused'],
    ['received unexpected HTTP status: 403 Forbidden', 'refused'],
    ['x509: certificate signed by unknown authority', 'refused'],
    ['http: server gave HTTP response to HTTPS client', 'refused'],
    ['manifest unknown: manifest unknown', 'absent'],
    [`manifest for r.io/a@${D1} not found: manifest unknown: manifest unknown`, 'absent'],
    ['name unknown: repository name not known to registry', 'absent'],
    ['received unexpected HTTP status: 503 Service Unavailable', 'passing'],
    ['dial tcp 127.0.0.1:5000: connect: connection refused', 'passing'],
    ['dial tcp 10.0.0.1:404: i/o timeout', 'passing'],
    ['toomanyrequests: slow down', 'passing'],
    ['EOF', 'passing'],
  ])('%s: %s', (reason, verdict) => expect(verdictOf(reason)).toBe(verdict));
});

describe('pulling', () => {
  test('a tag is asked for its digest, and that is pulled; progress comes now and then, and its end', async () => {
    const { registry, hooks, asked, bytes } = rig([D1, 'sha256:id']);
    expect(await registry.pull('r.io/a/b:of-x', hooks)).toEqual({
      kind: 'image',
      id: 'sha256:id',
      pinned: `r.io/a/b@${D1}`,
    });
    expect(asked).toEqual(['ask r.io/a/b:of-x as u', `pull r.io/a/b@${D1} as u`]);
    expect(bytes).toEqual([
      [0, 1000],
      [1000, 1000],
    ]);
  });

  test('a digest is pulled without a question; another registry does not get the login', async () => {
    const { registry, hooks, asked } = rig(['sha256:id']);
    expect(await registry.pull(`s.io:5000/a@${D1}`, hooks)).toMatchObject({
      kind: 'image',
      pinned: `s.io:5000/a@${D1}`,
    });
    expect(asked).toEqual([`pull s.io:5000/a@${D1}`]);
  });

  test('what is absent is no failure', async () => {
    const { registry, hooks, lines } = rig([undefined, `manifest for r.io/a@${D1} not found`]);
    expect(await registry.pull('r.io/a:t', hooks)).toEqual({ kind: 'absent' });
    expect(await registry.pull(`r.io/a@${D1}`, hooks)).toEqual({ kind: 'absent' });
    expect(lines).toEqual([]);
  });

  test('what may pass is tried three times, what is refused once', async () => {
    const busy = 'received unexpected HTTP status: 502 Bad Gateway';
    const again = rig([busy, busy, D1, busy, 'sha256:id']);
    expect(await again.registry.pull('r.io/a:t', again.hooks)).toMatchObject({ kind: 'image' });
    expect(again.lines).toEqual([1, 2, 1].map((ms) => `${busy}; again in ${String(ms / 1000)} s`));
    const refused = rig(['unauthorized']);
    expect(await refused.registry.pull('r.io/a:t', refused.hooks)).toMatchObject({
      kind: 'failed',
      reason: 'unauthorized',
    });
    expect(refused.asked).toHaveLength(1);
  });

  test('one that does not answer is not asked again by this run, one that refuses is; each is told once', async () => {
    const silent = rig(['EOF', 'EOF', 'EOF', D1, 'sha256:id']);
    const failed = { kind: 'failed', registry: 'r.io', reason: 'EOF' };
    expect(await silent.registry.pull('r.io/a:t', silent.hooks)).toEqual({ ...failed, told: false });
    expect(await silent.registry.pull('r.io/b:t', silent.hooks)).toEqual({ ...failed, told: true });
    expect(silent.asked).toHaveLength(3);
    expect(await silent.registry.pull('s.io/b:t', silent.hooks)).toMatchObject({ kind: 'image' });

    const denied = rig(['denied', 'denied', D1, 'sha256:id']);
    const tolds = [];
    for (const name of ['a', 'b', 'c']) tolds.push(await denied.registry.pull(`r.io/${name}:t`, denied.hooks));
    expect(tolds).toMatchObject([{ told: false }, { told: true }, { kind: 'image' }]);
  });

  test('a wait is cancelled', async () => {
    const { registry, hooks } = rig(['EOF', D1]);
    const controller = new AbortController();
    const onLine = () => controller.abort();
    expect(await failureFrom(registry.pull('r.io/a:t', { ...hooks, onLine, signal: controller.signal }))).toEqual({
      kind: 'Cancelled',
    });
  });
});

describe('pushing', () => {
  const image = { id: 'sha256:id', repository: 'r.io/a/b', tags: ['is-1', 'of-2'] as const };
  test('under every tag; the digest is that of the first', async () => {
    const { registry, hooks, asked } = rig([undefined, D1, undefined, D1]);
    expect(await registry.push({ ...image, tags: [...image.tags] }, hooks)).toEqual({ digest: D1, pushed: true });
    expect(asked).toEqual(
      ['ask', 'push', 'ask', 'push'].map((what, at) => `${what} r.io/a/b:${at < 2 ? 'is-1' : 'of-2'} as u`),
    );
  });

  test('what is there is left alone, what is there as something else is replaced and told', async () => {
    const there = rig([D1, D1], [`r.io/a/b@${D1}`, `s.io/a/b@${D2}`]);
    expect(await there.registry.push({ ...image, tags: [...image.tags] }, there.hooks)).toEqual({
      digest: D1,
      pushed: false,
    });
    // The same digest in another registry says nothing about this one.
    const moved = rig([D1, D2, D2], [`r.io/a/b@${D1}`, `s.io/a/b@${D2}`]);
    expect(await moved.registry.push({ ...image, tags: [...image.tags] }, moved.hooks)).toEqual({
      digest: D1,
      pushed: true,
    });
    expect(moved.lines).toEqual([`r.io/a/b:of-2: it was ${D2} until now`]);
  });

  test('one that does not say what it has may take it; one that does not answer is a failure', async () => {
    const mute = rig(['denied', D1, 'denied', D1]);
    expect(await mute.registry.push({ ...image, tags: [...image.tags] }, mute.hooks)).toMatchObject({ pushed: true });
    const down = rig(['EOF', 'EOF', 'EOF']);
    const failure = await failureFrom(down.registry.push({ ...image, tags: [...image.tags] }, down.hooks));
    expect(failure).toMatchObject({ kind: 'RegistryFailed', image: 'r.io/a/b:is-1', reason: 'EOF' });
    const refused = rig([undefined, 'unauthorized']);
    expect(await failureFrom(refused.registry.push({ ...image, tags: [...image.tags] }, refused.hooks))).toMatchObject({
      reason: 'unauthorized',
    });
    expect(refused.left).toEqual([]);
  });
});
