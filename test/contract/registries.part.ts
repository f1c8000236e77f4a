import { describe, expect, it } from 'vitest';
import type { TransferHooks } from '../../pipeline/tools/tools.ts';
import type { ContainersHarness } from './containers.contract.ts';
import { failureFrom } from './containers.use.ts';

/** Pushing, looking up and pulling by digest, with a login. */
export function registriesContract(harness: () => ContainersHarness): void {
  const never = new AbortController().signal;
  const anybody: TransferHooks = { onLine: () => undefined, signal: never };
  const hooks = (): TransferHooks => ({ ...anybody, login: harness().registry.login });
  const repository = (name: string): string => `${harness().registry.host}/contract/${name}`;

  async function importTiny(name: string): Promise<string> {
    const { containers, tag } = harness();
    return containers.importImage(await harness().rootfs(), { tag: tag(name), labels: { 'test.pushed': name } }, never);
  }

  describe('registries', () => {
    it('what was pushed is known by its digest, and comes back by it as the same image', async () => {
      const { containers, removeImage } = harness();
      const id = await importTiny('to-push');
      expect(await containers.imageDigests(id)).toEqual([]);
      const reference = `${repository('one')}:first`;
      expect(await containers.registryDigest(reference, hooks())).toBeUndefined();
      const lines: string[] = [];
      let bytes = [0, 0];
      const onBytes = (...both: [number, number]): void => void (bytes = both);
      const digest = await containers.pushImage(id, reference, {
        ...hooks(),
        onLine: (line) => lines.push(line),
        onBytes,
      });
      expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(lines.some((line) => line.endsWith(': Pushed'))).toBe(true);
      expect(bytes[0]).toBeGreaterThan(0);
      expect(bytes[0]).toBe(bytes[1]);
      expect(await containers.registryDigest(reference, hooks())).toBe(digest);
      expect(await containers.imageDigests(id)).toEqual([`${repository('one')}@${digest}`]);

      await removeImage(id);
      expect(await containers.imageId(id)).toBeUndefined();
      expect(await containers.pull(repository('one'), digest, hooks())).toBe(id);
      expect(await containers.imageLabels(id)).toMatchObject({ 'test.pushed': 'to-push' });
      expect(await containers.imageDigests(id)).toEqual([`${repository('one')}@${digest}`]);
      expect((await containers.readFile(id, '/etc/tiny-release')).toString()).toBe('tiny\n');
      expect(await containers.pushImage(id, reference, hooks())).toBe(digest);
    });

    it('a tag moves, a digest does not', async () => {
      const { containers } = harness();
      const reference = `${repository('two')}:moving`;
      const [a, b] = [await importTiny('tag-a'), await importTiny('tag-b')];
      const first = await containers.pushImage(a, reference, hooks());
      const second = await containers.pushImage(b, reference, hooks());
      expect(await containers.registryDigest(reference, hooks())).toBe(second);
      expect(await containers.pull(repository('two'), first, hooks())).toBe(a);
    });

    it('without the login, or with another, a registry gives and takes nothing, and says so', async () => {
      const { containers } = harness();
      const id = await importTiny('refused');
      const reference = `${repository('three')}:refused`;
      const wrong = { ...anybody, login: { user: 'tester', password: 'wrong' } };
      for (const [refused, words] of [
        [anybody, 'no basic auth credentials'],
        [wrong, 'unauthorized'],
      ] as const) {
        const failure = {
          kind: 'RegistryFailed',
          registry: harness().registry.host,
          image: reference,
          reason: expect.stringContaining(words) as string,
        };
        expect(await failureFrom(containers.registryDigest(reference, refused))).toEqual(failure);
        expect(await failureFrom(containers.pushImage(id, reference, refused))).toEqual(failure);
        const pulling = containers.pull(repository('three'), `sha256:${'1'.repeat(64)}`, refused);
        expect(await failureFrom(pulling)).toMatchObject({ kind: 'AllMirrorsFailed' });
      }
      expect(await containers.registryDigest(reference, hooks())).toBeUndefined();
    });

    it('a registry that does not answer', async () => {
      const { containers } = harness();
      const id = await importTiny('unanswered');
      const failure = {
        kind: 'RegistryFailed',
        registry: '127.0.0.1:1',
        reason: expect.stringContaining('refused') as string,
      };
      expect(await failureFrom(containers.registryDigest('127.0.0.1:1/a/b:c', hooks()))).toMatchObject(failure);
      expect(await failureFrom(containers.pushImage(id, '127.0.0.1:1/a/b:c', hooks()))).toMatchObject(failure);
    });

    it('an unknown image cannot be pushed, and a digest that is not there not be pulled', async () => {
      const { containers } = harness();
      const nothing = `sha256:${'0'.repeat(64)}`;
      const pushing = containers.pushImage(nothing, `${repository('four')}:x`, hooks());
      expect(await failureFrom(pushing)).toMatchObject({ kind: 'SourceMissing' });
      const pulling = await failureFrom(containers.pull(repository('one'), nothing, hooks()));
      expect(pulling).toMatchObject({ kind: 'AllMirrorsFailed', source: repository('one') });
      expect(pulling).toHaveProperty('attempts', [
        { url: `${repository('one')}@${nothing}`, reason: expect.stringContaining('manifest unknown') as string },
      ]);
    });

    it('a cancelled push, pull and question', async () => {
      const { containers } = harness();
      const id = await importTiny('cancelled');
      const cancelled = { ...hooks(), signal: AbortSignal.abort() };
      const reference = `${repository('five')}:x`;
      for (const work of [
        () => containers.pushImage(id, reference, cancelled),
        () => containers.registryDigest(reference, cancelled),
        () => containers.pull(repository('five'), `sha256:${'1'.repeat(64)}`, cancelled),
      ])
        expect(await failureFrom(work())).toEqual({ kind: 'Cancelled' });
      expect(await containers.registryDigest(reference, hooks())).toBeUndefined();
    });
  });
}
