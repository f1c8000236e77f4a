import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readKey } from '../../../pipeline/rpm/openpgp-key.ts';
import { publishKey, publishedKeys } from '../../../pipeline/tools/published-keys.ts';
import { armoredKey } from '../../helpers/armored-key.ts';
import { tempDir } from '../../helpers/temp-dir.ts';

const NAME = 'RPM-GPG-KEY-factory';
const newKey = (): { armored: Buffer; fingerprint: string } => {
  const armored = Buffer.from(armoredKey({ half: 'PUBLIC' }));
  return { armored, fingerprint: readKey(armored.toString()).fingerprint };
};

function snapshotWith(base: string, id: string, key: Buffer): string {
  const dir = join(base, 'snapshots', id);
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, NAME), key);
  return dir;
}

test('a rotation keeps every key, and names those that the kept snapshots need', async () => {
  const base = tempDir();
  const [first, second, third] = [newKey(), newKey(), newKey()];
  const one = snapshotWith(base, 'one', first.armored);
  // Published before there were rotations: the key lies only beside the snapshots.
  writeFileSync(join(base, NAME), first.armored);
  const two = snapshotWith(base, 'two', second.armored);
  expect(await publishKey(base, [one, two], second.armored)).toEqual([second.fingerprint, first.fingerprint]);
  expect(readFileSync(join(base, NAME))).toEqual(second.armored);
  expect(readFileSync(join(base, 'keys', `${first.fingerprint}.asc`))).toEqual(first.armored);

  const three = snapshotWith(base, 'three', third.armored);
  expect(await publishKey(base, [two, three], third.armored)).toEqual([third.fingerprint, second.fingerprint]);
  expect(readdirSync(join(base, 'keys'))).toHaveLength(3);
  expect(await publishedKeys(base)).toEqual([first, second, third].map(({ fingerprint }) => fingerprint).sort());

  const again = await publishKey(base, [one, two, three], third.armored);
  expect(again).toEqual([third.fingerprint, ...[first.fingerprint, second.fingerprint].sort()]);
});

test('a key that somebody put into a snapshot is not passed on to hosts', async () => {
  const base = tempDir();
  const [ours, theirs] = [newKey(), newKey()];
  const snapshots = [snapshotWith(base, 'ours', ours.armored), snapshotWith(base, 'theirs', theirs.armored)];
  expect(await publishKey(base, snapshots, ours.armored)).toEqual([ours.fingerprint]);
  expect(await publishedKeys(base)).toEqual([ours.fingerprint]);
});

test('what is no key is not published, and verifies nothing where it lies', async () => {
  const base = tempDir();
  await expect(publishKey(base, [], Buffer.from('x'))).rejects.toThrow(TypeError);
  writeFileSync(join(base, NAME), 'damaged');
  const key = newKey();
  expect(await publishKey(base, [snapshotWith(base, 'odd', Buffer.from('x'))], key.armored)).toEqual([key.fingerprint]);
  expect(await publishedKeys(base)).toEqual([key.fingerprint]);
  expect(await publishedKeys(join(base, 'nowhere'))).toEqual([]);
});
