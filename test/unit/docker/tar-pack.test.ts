import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { packTar, parentsOf } from '../../../pipeline/tools/docker/tar-pack.ts';
import type { TarContents } from '../../../pipeline/tools/docker/tar-pack.ts';

const contents: TarContents = {
  directories: [
    { path: 'in', mode: 0o755 },
    { path: 'in/deep', mode: 0o700 },
  ],
  files: [
    { path: 'in/z', mode: 0o644, bytes: Buffer.from('last') },
    { path: 'in/deep/empty', mode: 0o600, bytes: Buffer.alloc(0) },
    { path: 'in/a', mode: 0o755, bytes: { size: 6, open: () => Promise.resolve(Readable.from(['abc', 'def'])) } },
  ],
  uid: 1000,
};

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('packTar', () => {
  it('writes members in order of their paths with fixed times and owners', async () => {
    const members: unknown[] = [];
    const reader = extract();
    reader.end(await buffer(await packTar(contents)));
    for await (const entry of reader) {
      const { header } = entry;
      entry.resume();
      members.push([
        header.name,
        header.type,
        header.mode,
        header.uid,
        header.gid,
        header.mtime.getTime(),
        header.size,
      ]);
    }
    expect(members).toEqual([
      ['in/', 'directory', 0o755, 1000, 1000, 0, 0],
      ['in/deep/', 'directory', 0o700, 1000, 1000, 0, 0],
      ['in/a', 'file', 0o755, 1000, 1000, 0, 6],
      ['in/deep/empty', 'file', 0o600, 1000, 1000, 0, 0],
      ['in/z', 'file', 0o644, 1000, 1000, 0, 4],
    ]);
  });

  it('a file may have a time of its own', async () => {
    const [first, ...others] = contents.files;
    const mtime = new Date('2026-01-02T03:04:05Z');
    const reader = extract();
    reader.end(await buffer(await packTar({ ...contents, files: [{ ...first!, mtime }, ...others] })));
    const times = new Map<string, number>();
    for await (const entry of reader) {
      entry.resume();
      times.set(entry.header.name, entry.header.mtime.getTime());
    }
    expect(times.get('in/z')).toBe(mtime.getTime());
    expect(times.get('in/a')).toBe(0);
  });

  it('makes the same bytes whatever the order of the files', async () => {
    const other = {
      ...contents,
      files: [...contents.files].reverse(),
      directories: [...contents.directories].reverse(),
    };
    expect(sha256(await buffer(await packTar(other)))).toBe(sha256(await buffer(await packTar(contents))));
  });

  it.each([
    ['that cannot be opened', () => Promise.reject(new Error('broken'))],
    ['that breaks off', () => Promise.resolve(breaking(1))],
    ['that breaks off late', () => Promise.resolve(breaking(100))],
  ])('ends with the error of a file %s', async (_, open) => {
    const files = [...contents.files, { path: 'in/b', mode: 0o644, bytes: { size: 10_000_000, open } }];
    await expect(buffer(await packTar({ ...contents, files }))).rejects.toThrow('broken');
  });

  it('ends with an error when a file has another size than it said', async () => {
    for (const size of [5, 7]) {
      const bytes = { size, open: () => Promise.resolve(Readable.from(['abcdef'])) };
      const tar = await packTar({ directories: [], files: [{ path: 'a', mode: 0o644, bytes }], uid: 0 });
      await expect(buffer(tar)).rejects.toThrow('Size mismatch');
    }
  });

  it('closes the file that is being read when the archive is given up', async () => {
    const source = breaking(1_000_000);
    const bytes = { size: 1e12, open: () => Promise.resolve(source) };
    const tar = await packTar({ directories: [], files: [{ path: 'a', mode: 0o644, bytes }], uid: 0 });
    for await (const chunk of tar) {
      expect(chunk).toBeDefined();
      break;
    }
    await expect.poll(() => source.destroyed).toBe(true);
  });

  it.each(['', '/a', 'a/../b', 'a//b', './a', 'a/'])('refuses the path %j', async (path) => {
    const files = [{ path, mode: 0o644, bytes: Buffer.alloc(0) }];
    await expect(packTar({ directories: [], files, uid: 0 })).rejects.toThrow(TypeError);
  });
});

describe('parentsOf', () => {
  it('lists every directory above once', () => {
    expect(parentsOf(['a/b/c', 'a/b/d', 'e', 'a/f/g'])).toEqual(['a', 'a/b', 'a/f']);
  });
});

function breaking(chunks: number): Readable {
  return Readable.from(
    (function* () {
      for (let chunk = 0; chunk < chunks; chunk++) yield Buffer.alloc(65_536);
      throw new Error('broken');
    })(),
    { objectMode: false },
  );
}
