import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { imageCacheOf, loginsIn, registryAccess } from '../../../pipeline/cli/registry-access.ts';
import type { CommonOptions, World } from '../../../pipeline/cli/world.ts';
import { createMask } from '../../../pipeline/tools/mask.ts';
import { failureOfKind } from '../../helpers/failure.ts';

const dir = mkdtempSync(join(tmpdir(), 'factory-test-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const base64 = (text: string): string => Buffer.from(text).toString('base64');
writeFileSync(
  join(dir, 'config.json'),
  JSON.stringify({
    auths: {
      'kept.example:5000': { auth: base64('kept:pass:word') },
      'https://old.example/v1/': { auth: base64('old:one') },
      'https://index.docker.io/v1/': { auth: base64('hub:two') },
      'helper.example': {},
      'broken.example': { auth: base64('no-colon') },
    },
  }),
);
const OWN = { FACTORY_REGISTRY_USER: 'me', FACTORY_REGISTRY_PASSWORD: 'my-secret' };
const access = (env: Record<string, string>, cache: string | null | undefined) =>
  registryAccess({ env: { DOCKER_CONFIG: dir, ...env } }, cache);

describe('the registry that is named', () => {
  const cache = (env: Record<string, string>, imageCache?: string) =>
    imageCacheOf({ env } as unknown as World, { imageCache } as CommonOptions);
  test('by option, else by environment; none is not nothing', () => {
    expect(cache({})).toBeUndefined();
    expect(cache({ FACTORY_IMAGE_CACHE: '' })).toBeUndefined();
    expect(cache({ FACTORY_IMAGE_CACHE: 'ghcr.io/a' })).toBe('ghcr.io/a');
    expect(cache({ FACTORY_IMAGE_CACHE: 'ghcr.io/a' }, 'r.io/b/')).toBe('r.io/b');
    expect(cache({ FACTORY_IMAGE_CACHE: 'ghcr.io/a' }, 'none')).toBeNull();
  });
  test('what is no place in a registry is refused by name', async () => {
    const failure = await failureOfKind(
      'Usage',
      Promise.resolve().then(() => cache({ FACTORY_IMAGE_CACHE: 'a/b' })),
    );
    expect(failure.message).toBe('FACTORY_IMAGE_CACHE a/b is no place in a registry');
  });
});

describe('logins', () => {
  test('ours goes to the host that the user names, and to no other', async () => {
    const { loginFor } = await access(OWN, 'ghcr.io/acme/fullnat');
    expect(loginFor('ghcr.io')).toEqual({ user: 'me', password: 'my-secret' });
    for (const host of ['ghcr.io:443', 'evil.example', 'ghcr.io.evil.example', 'kept.example'])
      expect(loginFor(host)).toBeUndefined();
    expect((await access(OWN, undefined)).loginFor('ghcr.io')).toBeUndefined();
    expect((await access(OWN, null)).loginFor('ghcr.io')).toBeUndefined();
  });

  test('others get what docker login kept for them; ours comes before it', async () => {
    const { loginFor } = await access(OWN, 'kept.example:5000/x');
    expect(loginFor('kept.example:5000')?.user).toBe('me');
    expect(loginFor('old.example')).toEqual({ user: 'old', password: 'one' });
    expect(loginFor('docker.io')).toEqual({ user: 'hub', password: 'two' });
    for (const host of ['helper.example', 'broken.example']) expect(loginFor(host)).toBeUndefined();
    expect((await access({}, undefined)).loginFor('kept.example:5000')).toEqual({
      user: 'kept',
      password: 'pass:word',
    });
  });

  test('no file, or one that is none, has no logins', async () => {
    expect((await access({ DOCKER_CONFIG: join(dir, 'nowhere') }, undefined)).words).toEqual([]);
    for (const text of ['', 'no json', '[]', '{"auths": 1}', '{"auths": {"a": null}}', '{"auths": {"a": {"auth": 1}}}'])
      expect([...loginsIn(text)]).toEqual([]);
  });

  test('one half of a login is an error that shows nothing of it', async () => {
    for (const [name, value] of Object.entries(OWN)) {
      const failure = await failureOfKind('Usage', access({ [name]: value }, 'ghcr.io/a'));
      expect(failure.message).toContain(`${name} is set`);
      expect(JSON.stringify(failure)).not.toContain('my-secret');
    }
  });

  test('passwords are masked, as they are and as they are sent', async () => {
    const mask = createMask((await access(OWN, 'ghcr.io/a')).words);
    expect(mask(`my-secret ${base64('me:my-secret')} pass:word`)).toBe('*** *** ***');
  });
});
