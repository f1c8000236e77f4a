import { gzipSync } from 'node:zlib';
import { END, member, pax, type RawMember, tarOf } from './raw.ts';

/** A hostile archive, and the reason for which it must be refused. */
export interface Hostile {
  /** File name, whose end says what it claims to be. */
  readonly file: string;
  readonly bytes: Buffer;
  readonly reason: string;
  /** Code of the refusal: `archive-refused`, where the stream could be read. */
  readonly code?: 'archive-unreadable';
  /** Settings that differ from the defaults. */
  readonly env?: Readonly<Record<string, string>>;
}

const file = (name: string, ...more: readonly (RawMember | Buffer)[]): ((reason: string) => Hostile) => {
  return (reason) => ({ file: name, bytes: tarOf(...more), reason });
};

const evil = { name: 'top/evil', data: 'x' };
const link = (target: string, name = 'top/link'): RawMember => ({ name, type: '2', link: target });
const hard = (target: string, data = ''): RawMember => ({ name: 'top/hard', type: '1', link: target, data });
const damaged = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy.write('X', 512, 'latin1');
  return copy;
};

/** A zip archive with one deflated member, which gzip would unpack without a word. */
const ZIP = Buffer.concat([Buffer.from('504b0304140000000800', 'hex'), Buffer.alloc(200)]);

/** Hostile archives of source trees, whose one folder should be `top`. */
export const TREES: readonly Hostile[] = [
  file('absolute.tar', { name: '/top/evil' })('absolute path'),
  file('dotdot.tar', { name: 'top/../../evil' })('path with ..'),
  file('dot.tar', { name: 'top/./evil' })('path with empty or . parts'),
  file('empty-part.tar', { name: 'top//evil' })('path with empty or . parts'),
  file('link-absolute.tar', link('/etc'))('symbolic link that leads out of the archive: /etc'),
  file('link-up.tar', link('../../etc'))('symbolic link that leads out of the archive: ../../etc'),
  file('link-beside-top.tar', link('../beside'))('symbolic link that leads out of the archive: ../beside'),
  file('link-chain.tar', link('.', 'top/a'), link('a/../..'))('symbolic link with .. after a name: a/../..'),
  file('link-empty.tar', link(''))('empty link target'),
  file('through-link.tar', link('.'), { name: 'top/link/evil' })('member below a symbolic link'),
  file('over-link.tar', link('.'), { name: 'top/link', data: 'x' })('the same path twice'),
  file('hard-absolute.tar', hard('/etc/passwd'))('hard link that leads out of the archive: /etc/passwd'),
  file('hard-up.tar', hard('top/../../etc/passwd'))('hard link that leads out of the archive: top/../../etc/passwd'),
  file('hard-missing.tar', hard('top/none'))('hard link to what is no earlier file: top/none'),
  file('hard-to-link.tar', link('none'), hard('top/link'))('hard link to what is no earlier file: top/link'),
  file('hard-contents.tar', evil, hard('top/evil', 'other'))('link or directory with contents'),
  file('char-device.tar', { name: 'top/null', type: '3' })('device'),
  file('block-device.tar', { name: 'top/vda', type: '4' })('device'),
  file('fifo.tar', { name: 'top/pipe', type: '6' })('fifo'),
  file('contiguous.tar', { name: 'top/c', type: '7' })('contiguous file'),
  file('sparse.tar', { name: 'top/s', type: 'S' })('sparse file'),
  file('odd-type.tar', { name: 'top/v', type: 'V' })('member of type V'),
  file('not-utf8.tar', { name: Buffer.from('top/\xe4', 'latin1') })('path that is not UTF-8'),
  file('control.tar', { name: 'top/a\nb' })('path with a control character'),
  file('escape.tar', { name: 'top/\x1b[2J' })('path with a control character'),
  file('backslash.tar', { name: 'top/a\\b' })('path with a backslash'),
  file('twice.tar', evil, evil)('the same path twice'),
  file('file-over-directory.tar', { name: 'top/d/f' }, { name: 'top/d' })('file over a directory'),
  file('directory-over-file.tar', evil, { name: 'top/evil/', type: '5' })('directory over a file'),
  file('below-file.tar', evil, { name: 'top/evil/more' })('member below a file'),
  file('slash-file.tar', { name: 'top/d/', data: 'x' })('file with the name of a directory'),
  file('long-path.tar', pax({ path: `top/${'a/'.repeat(600)}b` }), evil)('path over 1024 bytes'),
  file('long-name.tar', pax({ path: `top/${'n'.repeat(300)}` }), evil)('path with a name over 255 bytes'),
  file('gnu-long.tar', { name: '././@LongLink', type: 'L', data: 'top/../../evil\0' }, evil)('path with ..'),
  file('named-twice.tar', { name: 'L', type: 'L', data: 'top/a\0' }, pax({ path: 'top/b' }), evil)('named twice'),
  file('pax-path.tar', pax({ path: '../evil' }), evil)('path with ..'),
  file('pax-link.tar', pax({ linkpath: '/etc' }), link('.'))('symbolic link that leads out of the archive: /etc'),
  file('pax-size.tar', pax({ size: '1024' }), evil)('pax record size'),
  file('pax-sparse.tar', pax({ 'GNU.sparse.realsize': '1099511627776' }), evil)('pax record GNU.sparse.realsize'),
  file('pax-global.tar', pax({ path: 'top/all' }, 'g'), evil)('pax record path'),
  file('size-binary.tar', { ...evil, size: Buffer.from('800000000000010000000000', 'hex') })(
    'size that is no octal number',
  ),
  file('size-negative.tar', { ...evil, size: '-1' })('size that is no octal number'),
  {
    ...file('size-large.tar', { ...evil, size: '77777777777\0' })('more than 1048576 bytes unpacked'),
    env: { UNPACK_BYTES: '1048576' },
  },
  { file: 'short.tar', bytes: tarOf({ ...evil, size: '00000100000\0' }), reason: 'truncated' },
  { file: 'no-end.tar', bytes: tarOf(evil).subarray(0, -1024), reason: 'truncated' },
  {
    file: 'after-end.tar',
    bytes: Buffer.concat([tarOf(evil), member(evil)]),
    reason: 'data after the end of the archive',
  },
  {
    file: 'one-zero-block.tar',
    bytes: Buffer.concat([END.subarray(512), tarOf()]),
    reason: 'one block of zeros, not two, before the end',
  },
  { file: 'damaged.tar', bytes: damaged(tarOf(evil)), reason: 'damaged header' },
  { file: 'text.tar', bytes: Buffer.alloc(2048, 'text\n'), reason: 'not a tar archive' },
  { file: 'nothing.tar', bytes: END, reason: 'no members' },
  { file: 'zip.tar.gz', bytes: ZIP, reason: 'it is not what its name says', code: 'archive-unreadable' },
  {
    file: 'gzip.tar.xz',
    bytes: gzipSync(tarOf(evil)),
    reason: 'it is not what its name says',
    code: 'archive-unreadable',
  },
  {
    file: 'short.tar.gz',
    bytes: gzipSync(tarOf(evil)).subarray(0, 60),
    reason: 'unexpected end of file',
    code: 'archive-unreadable',
  },
];
