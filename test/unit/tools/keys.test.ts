import { chmodSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKeys } from '../../../pipeline/tools/keys.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const FINGERPRINT = '0123456789ABCDEF0123456789ABCDEF01234567';

test('a secret is kept for its owner only, by fingerprint in either case', async () => {
  const dir = join(tempDir(), 'keys');
  const keys = createKeys(dir);
  expect(await keys.load(FINGERPRINT)).toBeUndefined();
  await keys.save(FINGERPRINT, Buffer.from('secret'));
  expect(await keys.load(FINGERPRINT.toLowerCase())).toEqual({ armored: Buffer.from('secret'), passphrase: '' });
  expect(readdirSync(dir)).toEqual([`${FINGERPRINT}.secret.asc`]);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
  expect(statSync(join(dir, `${FINGERPRINT}.secret.asc`)).mode & 0o777).toBe(0o600);
});

test("the user's own key is given out from memory and never written", async () => {
  const dir = join(tempDir(), 'keys');
  const own = { fingerprint: FINGERPRINT, armored: Buffer.from('own'), passphrase: 'canary' };
  const keys = createKeys(dir, own);
  expect(await keys.load(FINGERPRINT.toLowerCase())).toEqual(own);
  expect(await keys.load(FINGERPRINT.replace('0', '1'))).toBeUndefined();
  expect(existsSync(dir)).toBe(false);
});

test('a directory that was open to others is closed', async () => {
  const dir = join(tempDir(), 'keys');
  mkdirSync(dir);
  chmodSync(dir, 0o755);
  await createKeys(dir).save(FINGERPRINT, Buffer.from('secret'));
  expect(statSync(dir).mode & 0o777).toBe(0o700);
});

test.each(['', '../x', FINGERPRINT.slice(1), `${FINGERPRINT}0`, FINGERPRINT.replace('0', 'G')])(
  'refuses %j',
  async (name) => {
    const keys = createKeys(tempDir());
    await expect(keys.save(name, Buffer.from('secret'))).rejects.toThrow(TypeError);
    await expect(keys.load(name)).rejects.toThrow(TypeError);
  },
);
