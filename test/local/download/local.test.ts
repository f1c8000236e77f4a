import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { mirrorFailed, noise, sha256, startRig } from './rig.ts';
import type { Rig } from './rig.ts';

const bytes = noise(200_000);

async function withMirror(): Promise<AsyncDisposable & { rig: Rig; dir: string; file: string }> {
  const rig = await startRig();
  const dir = join(rig.dir, 'my mirror');
  await mkdir(join(dir, 'sub', 'data.bin'), { recursive: true });
  const file = join(dir, 'data.bin');
  await writeFile(file, bytes);
  return { rig, dir, file, [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose]() };
}

describe.concurrent('mirrors on a disk', () => {
  test.each<[string, (dir: string) => string]>([
    ['a directory', (dir) => dir],
    ['a path', (dir) => join(dir, 'data.bin')],
    ['a file URL', (dir) => pathToFileURL(join(dir, 'data.bin')).href],
    ['a file URL of a directory', (dir) => pathToFileURL(dir).href],
  ])('%s', async (_title, mirror) => {
    await using mirrored = await withMirror();
    const { rig, dir, file } = mirrored;
    const url = mirror(dir);
    const made = await rig.fetch({ urls: [url], sha256: sha256(bytes), size: bytes.length });
    expect(made.url).toBe(url);
    expect(made.bytes.equals(bytes)).toBe(true);
    expect((await readFile(file)).equals(bytes)).toBe(true);
  });

  test.each<[string, (dir: string) => string, string]>([
    ['nothing there', (dir) => join(dir, 'none'), 'no such file'],
    ['below a file', (dir) => join(dir, 'data.bin', 'x'), 'no such file'],
    ['a directory of that name', (dir) => join(dir, 'sub'), 'not a regular file'],
    ['a device', () => '/dev/zero', 'not a regular file'],
    ['a file URL with a host', () => 'file://host/data.bin', 'a file URL with a host name'],
  ])('%s', async (_title, mirror, reason) => {
    await using mirrored = await withMirror();
    const { rig, dir } = mirrored;
    const url = mirror(dir);
    expect(await rig.failure({ urls: [url] })).toEqual(mirrorFailed(url, reason));
  });

  test('checks sizes and digests', async () => {
    await using mirrored = await withMirror();
    const { rig, dir } = mirrored;
    expect(await rig.failure({ urls: [dir], size: 5 })).toEqual(
      mirrorFailed(dir, 'wrong size: 200000 bytes, expected 5'),
    );
    expect(await rig.failure({ urls: [dir] }, { limits: { maxBytes: 5 } })).toEqual(
      mirrorFailed(dir, 'larger than 5 bytes'),
    );
    expect(await rig.failure({ urls: [dir], sha256: sha256(noise(3)) })).toMatchObject({
      kind: 'ChecksumMismatch',
      got: sha256(bytes),
      mirror: dir,
    });
  });

  test('cancelling', async () => {
    await using mirrored = await withMirror();
    const { rig, dir } = mirrored;
    const cancel = new AbortController();
    const onProgress = (done: number): void => {
      if (done > 0) cancel.abort();
    };
    const failure = await rig.failure({ urls: [dir] }, { signal: cancel.signal, onProgress });
    expect(failure).toEqual({ kind: 'Cancelled' });
  });
});
