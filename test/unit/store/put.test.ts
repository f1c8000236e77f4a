import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { failureOfKind } from '../../helpers/failure.ts';
import { tempDir } from '../../helpers/temp-dir.ts';
import { makeStore, sha256 } from './rig.ts';

test('bytes come back under their digest, read-only and without leftovers', async () => {
  const { store, pathOf, names } = makeStore();
  const put = await store.put(Buffer.from('hello'));
  expect(put).toEqual({ digest: sha256('hello'), size: 5 });
  expect((await store.read(put.digest)).toString()).toBe('hello');
  expect(pathOf(put.digest)).toMatch(
    /\/v1\/sha256\/2c\/f24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824$/,
  );
  expect(statSync(pathOf(put.digest)).mode & 0o777).toBe(0o444);
  expect(names('temporary')).toEqual([]);
});

test('a stream is stored, an empty one too', async () => {
  const { store } = makeStore();
  const chunks = Array.from({ length: 40 }, (_, index) => Buffer.alloc(50_000, index));
  const { digest, size } = await store.put(Readable.from(chunks));
  expect(size).toBe(2_000_000);
  expect((await store.read(digest)).equals(Buffer.concat(chunks))).toBe(true);
  const empty = await store.put(Readable.from([]));
  expect(empty).toEqual({ digest: sha256(''), size: 0 });
  expect(await store.read(empty.digest)).toHaveLength(0);
});

test('has looks at the size, not at the bytes', async () => {
  const { store } = makeStore();
  const { digest } = await store.put(Buffer.from('hello'));
  expect(await store.has(digest, 5)).toBe(true);
  expect(await store.has(digest, 6)).toBe(false);
  expect(await store.has(sha256('other'), 5)).toBe(false);
});

test('the same bytes put twice at a time are one sound object', async () => {
  const { store, names } = makeStore();
  const slowly = async function* (pieces: string[]) {
    for (const piece of pieces) {
      await setImmediate();
      yield Buffer.from(piece);
    }
  };
  const results = await Promise.all([
    store.put(Readable.from(slowly(['ab', 'cd', 'ef']))),
    store.put(Readable.from(slowly(['a', 'bcdef']))),
    store.put(Buffer.from('abcdef')),
  ]);
  expect(new Set(results.map(({ digest }) => digest))).toEqual(new Set([sha256('abcdef')]));
  expect(names('objects')).toHaveLength(1);
  expect(names('temporary')).toEqual([]);
  expect((await store.read(sha256('abcdef'))).toString()).toBe('abcdef');
});

test('other bytes than wanted are not kept', async () => {
  const { store, names } = makeStore();
  const failure = await failureOfKind('ChecksumMismatch', store.put(Buffer.from('hello'), { want: sha256('bye') }));
  expect(failure).toMatchObject({ want: sha256('bye'), got: sha256('hello') });
  expect([...names('objects'), ...names('temporary')]).toEqual([]);
});

test('a source that does not end is cut off', async () => {
  const { store, names } = makeStore();
  const endless = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(1000);
    })(),
  );
  await failureOfKind('ChecksumMismatch', store.put(endless, { maxBytes: 5000 }));
  expect(endless.destroyed).toBe(true);
  expect([...names('objects'), ...names('temporary')]).toEqual([]);
  expect((await store.put(Buffer.alloc(5000), { maxBytes: 5000 })).size).toBe(5000);
});

test.each(['before it is read', 'in the middle'])('a source that fails %s leaves nothing', async (when) => {
  const { store, names } = makeStore();
  const source = new Readable({ read: () => undefined });
  if (when === 'in the middle') source.push(Buffer.alloc(1000));
  setTimeout(() => source.destroy(new Error('connection reset')), 0);
  if (when === 'before it is read') source.destroy(new Error('connection reset'));
  await expect(store.put(source)).rejects.toThrow('connection reset');
  expect([...names('objects'), ...names('temporary')]).toEqual([]);
});

test.each([undefined, '/dev/shm'])(
  'a finished file is adopted by a rename, or a copy from another device (%s)',
  async (parent) => {
    const { store, pathOf } = makeStore();
    const dir = tempDir(parent);
    const path = join(dir, 'kernel.src.rpm');
    writeFileSync(path, 'kernel', { mode: 0o644 });
    await failureOfKind('ChecksumMismatch', store.adopt(path, sha256('other')));
    expect(await store.adopt(path, sha256('kernel'))).toEqual({ digest: sha256('kernel'), size: 6 });
    expect(readdirSync(dir)).toEqual([]);
    expect(statSync(pathOf(sha256('kernel'))).mode & 0o777).toBe(0o444);
    expect((await store.read(sha256('kernel'))).toString()).toBe('kernel');
  },
);

test('scratch directories are new, empty and on the device of the objects', async () => {
  const { store, root } = makeStore();
  const [a, b] = [await store.scratch(), await store.scratch()];
  expect(a).not.toBe(b);
  expect(readdirSync(a)).toEqual([]);
  expect(a.startsWith(root)).toBe(true);
});
