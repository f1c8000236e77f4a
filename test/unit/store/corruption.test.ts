import { appendFileSync, chmodSync, existsSync, readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { failureOfKind } from '../../helpers/failure.ts';
import { flipByte } from '../../helpers/flip-byte.ts';
import { makeStore, sha256 } from './rig.ts';

test('a flipped byte is found on open and on read, and the object is never used again', async () => {
  const { store, pathOf, names } = makeStore();
  const bytes = Buffer.alloc(1_000_000, 'x');
  const { digest, size } = await store.put(bytes);
  await flipByte(pathOf(digest));

  let received = 0;
  const stream = await store.open(digest);
  const failure = await failureOfKind(
    'StoreCorrupt',
    (async () => {
      for await (const chunk of stream as AsyncIterable<Buffer>) received += chunk.length;
    })(),
  );
  expect(failure.digest).toBe(digest);
  expect(failure.got).toMatch(/^[0-9a-f]{64}$/);
  expect(received, 'the last piece must not be handed out').toBeLessThan(size);
  expect(names('corrupt')).toHaveLength(1);
  expect(existsSync(failure.path)).toBe(true);
  expect(await store.has(digest, size)).toBe(false);
  expect((await failureOfKind('StoreCorrupt', store.read(digest))).got).toBe('missing');

  await store.put(bytes);
  expect(await store.read(digest)).toHaveLength(size);
});

test('a longer and a shorter object are as bad as a changed one', async () => {
  const { store, pathOf } = makeStore();
  const { digest } = await store.put(Buffer.from('hello'));
  chmodSync(pathOf(digest), 0o644);
  appendFileSync(pathOf(digest), '!');
  expect((await failureOfKind('StoreCorrupt', store.read(digest))).got).toBe(sha256('hello!'));
});

test('an object that is not there is an error of the call', async () => {
  const { store } = makeStore();
  const digest = sha256('never put');
  expect(await failureOfKind('StoreCorrupt', store.open(digest))).toMatchObject({ digest, got: 'missing' });
  expect(await failureOfKind('StoreCorrupt', store.read(digest))).toMatchObject({ digest, got: 'missing' });
});

test('two readers of a bad object both fail, and one good object put meanwhile stays', async () => {
  const { store, pathOf } = makeStore();
  const bytes = Buffer.alloc(600_000, 'y');
  const { digest } = await store.put(bytes);
  await flipByte(pathOf(digest));
  const [first, second] = [await store.open(digest), await store.open(digest)];
  const slow = second[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  await slow.next();
  await failureOfKind('StoreCorrupt', buffer(first));
  await store.put(bytes);
  await failureOfKind('StoreCorrupt', drain(slow));
  expect(readFileSync(pathOf(digest)).equals(bytes)).toBe(true);
});

test('putting good bytes again heals a bad object', async () => {
  const { store, pathOf } = makeStore();
  const { digest } = await store.put(Buffer.from('hello'));
  await flipByte(pathOf(digest));
  await store.put(Buffer.from('hello'));
  expect((await store.read(digest)).toString()).toBe('hello');
});

async function drain(chunks: AsyncIterator<Buffer>): Promise<void> {
  while ((await chunks.next()).done !== true);
}
