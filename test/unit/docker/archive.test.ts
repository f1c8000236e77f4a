import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import type { Header } from 'tar-stream';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { FactoryError, failureOf } from '../../../pipeline/run/failure.ts';
import { OUTPUT_LIMITS } from '../../../pipeline/tools/docker/archive-members.ts';
import { readArchive } from '../../../pipeline/tools/docker/archive.ts';

type Member = Partial<Header> & { name: string; body?: string };

/** A tar made by hand, with whatever names and types. */
async function tar(...members: Member[]): Promise<Buffer> {
  const packer = pack();
  for (const { body, ...header } of members) packer.entry(header, body ?? '');
  packer.finalize();
  return buffer(Readable.from(packer, { objectMode: false }));
}

async function read(source: Buffer | Readable, limits = OUTPUT_LIMITS): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const stream = Buffer.isBuffer(source) ? Readable.from([source], { objectMode: false }) : source;
  await readArchive(stream, { name: 'test', root: 'out' }, limits, async (file) => {
    files[file.path] = await text(file.bytes);
  });
  return files;
}

async function refusal(source: Buffer | Readable, limits = OUTPUT_LIMITS): Promise<unknown> {
  return read(source, limits).then(
    () => expect.unreachable('it should have been refused'),
    (error: unknown) => failureOf(error),
  );
}

const root: Member = { name: 'out/', type: 'directory' };

describe('readArchive', () => {
  it('hands on regular files with their paths below the root', async () => {
    const long = `out/${'d'.repeat(150)}/${'f'.repeat(200)}`;
    const source = await tar(
      root,
      { name: 'out/a', body: 'A' },
      { name: 'out/sub/', type: 'directory' },
      { name: long, body: 'L' },
    );
    expect(await read(source)).toEqual({ a: 'A', [long.slice(4)]: 'L' });
  });

  it('reads an archive without files', async () => {
    expect(await read(await tar(root))).toEqual({});
  });

  it('refuses an archive without any member', async () => {
    for (const bytes of [await tar(), Buffer.alloc(0)]) {
      expect(await refusal(bytes)).toMatchObject({ kind: 'HostileArchive', reason: 'malformed: no members' });
    }
  });

  it.each<[string, Member]>([
    ['absolute path', { name: '/out/a' }],
    ['path with ..', { name: 'out/../a' }],
    ['path with ..', { name: '../out/a' }],
    ['path with empty or . parts', { name: 'out/./a' }],
    ['path with empty or . parts', { name: 'out//a' }],
    ['outside of out', { name: 'outside/a' }],
    ['outside of out', { name: 'etc' }],
    ['symbolic link', { name: 'out/a', type: 'symlink', linkname: '/etc/passwd' }],
    ['symbolic link', { name: 'out', type: 'symlink', linkname: '/etc' }],
    ['hard link', { name: 'out/a', type: 'link', linkname: 'out/b' }],
    ['fifo', { name: 'out/a', type: 'fifo' }],
    ['device', { name: 'out/a', type: 'character-device' }],
    ['device', { name: 'out/a', type: 'block-device' }],
    ['member of type contiguous-file', { name: 'out/a', type: 'contiguous-file' }],
    ['control character in the path', { name: 'out/a\nb' }],
    ['control character in the path', { name: 'out/\u001b[2J' }],
    ['path is not UTF-8', { name: 'out/\ufffd' }],
    ['path over 4096 bytes', { name: `out/${'a/'.repeat(2100)}a` }],
  ])('refuses: %s', async (reason, member) => {
    const failure = await refusal(await tar(root, member, { name: 'out/fine', body: 'x' }));
    expect(failure).toEqual({ kind: 'HostileArchive', archive: 'test', member: member.name, reason });
  });

  it('refuses names that are not UTF-8 as bytes', async () => {
    const bytes = await tar(root, { name: 'out/a?b', body: 'x' });
    const at = bytes.indexOf('out/a?b') + 5;
    bytes[at] = 0xff;
    // the checksum of a header is the sum of its bytes, in octal at offset 148
    const header = at - 5;
    const sum = parseInt(bytes.toString('latin1', header + 148, header + 154), 8) + 0xff - '?'.charCodeAt(0);
    bytes.write(sum.toString(8).padStart(6, '0'), header + 148, 'latin1');
    expect(await refusal(bytes)).toMatchObject({ kind: 'HostileArchive', reason: 'path is not UTF-8' });
  });

  it('refuses the same path twice', async () => {
    const failure = await refusal(await tar(root, { name: 'out/a', body: '1' }, { name: 'out/a', body: '2' }));
    expect(failure).toMatchObject({ kind: 'HostileArchive', member: 'out/a', reason: 'the same path twice' });
  });

  it('refuses a file below a file, and one over a directory', async () => {
    const below = await refusal(await tar(root, { name: 'out/a', body: '1' }, { name: 'out/a/b', body: '2' }));
    expect(below).toMatchObject({ member: 'out/a/b', reason: 'member below a file' });
    const over = await refusal(await tar(root, { name: 'out/a/b', body: '1' }, { name: 'out/a', body: '2' }));
    expect(over).toMatchObject({ member: 'out/a', reason: 'file over a directory' });
  });

  it('refuses sparse files', async () => {
    const failure = await refusal(await tar(root, { name: 'out/a', pax: { 'GNU.sparse.realsize': '99999999999' } }));
    expect(failure).toMatchObject({ member: 'out/a', reason: 'sparse file' });
  });

  it('refuses too many members and too many bytes', async () => {
    const files = ['a', 'b', 'c'].map((name) => ({ name: `out/${name}`, body: 'four' }));
    const source = await tar(root, ...files);
    const members = await refusal(source, { ...OUTPUT_LIMITS, members: 3 });
    expect(members).toMatchObject({ kind: 'HostileArchive', member: 'out/c', reason: 'more than 3 members' });
    const bytes = await refusal(source, { ...OUTPUT_LIMITS, bytes: 11 });
    expect(bytes).toMatchObject({ kind: 'HostileArchive', member: 'out/c', reason: 'more than 11 bytes' });
  });

  it('refuses what is cut off and what is no tar', async () => {
    const source = await tar(root, { name: 'out/a', body: 'x'.repeat(2000) });
    expect(await refusal(source.subarray(0, 1500))).toMatchObject({ kind: 'HostileArchive' });
    expect(await refusal(Buffer.alloc(2048, 'x'))).toMatchObject({ kind: 'HostileArchive' });
  });

  it('passes on an error of the source, at the start, inside a file and between files', async () => {
    const source = await tar(root, { name: 'out/a', body: 'x'.repeat(3000) }, { name: 'out/b', body: 'y' });
    for (const cut of [0, 700, 1500, 4096 + 512]) {
      const broken = new FactoryError({ kind: 'ContainerVanished', step: 's', detail: `at ${cut}` });
      const stream = Readable.from(
        (function* () {
          yield source.subarray(0, cut);
          throw broken;
        })(),
        { objectMode: false },
      );
      expect(await refusal(stream)).toEqual(broken.failure);
    }
  });

  it('passes on an error of the consumer and lets go of the source', async () => {
    const source = Readable.from([await tar(root, { name: 'out/a', body: 'x' })], { objectMode: false });
    const reading = readArchive(source, { name: 'test', root: 'out' }, OUTPUT_LIMITS, () =>
      Promise.reject(new Error('no room')),
    );
    await expect(reading).rejects.toThrow('no room');
    expect(source.destroyed).toBe(true);
  });
});
