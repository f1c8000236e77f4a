import { gzipSync } from 'node:zlib';
import { withPayload } from '../../helpers/rpm-file.ts';
import { cpioOf, debOf, END, member, type RawCpioMember, type RawMember } from './raw.ts';
import type { Hostile } from './trees.ts';

const deb = (file: string, reason: string, ...members: readonly RawMember[]): Hostile => ({
  file,
  bytes: debOf(Buffer.concat([...members.map(member), END])),
  reason,
});

const wanted = { name: './usr/src/a.tar.xz', data: 'x' };

/** Debian packages out of which `usr/src/a.tar.xz` is taken. */
export const DEBS: readonly Hostile[] = [
  deb('dotdot.deb', 'path with ..', wanted, { name: './usr/../../evil' }),
  deb('twice.deb', 'the same path twice', wanted, { ...wanted, name: 'usr/src/a.tar.xz', data: 'y' }),
  deb('link-up.deb', 'symbolic link that leads out of the archive: ../../evil', wanted, {
    name: './usr/l',
    type: '2',
    link: '../../evil',
  }),
  deb('device.deb', 'device', { name: './dev/sda', type: '4' }, wanted),
  {
    file: 'text.deb',
    bytes: Buffer.alloc(100, 'x'),
    reason: 'it is not what its name says',
    code: 'archive-unreadable',
  },
  {
    ...deb('short.deb', 'cannot be unpacked', wanted),
    bytes: debOf(END).subarray(0, -600),
    code: 'archive-unreadable',
  },
];

const good: readonly RawCpioMember[] = [
  { name: 'a.c', data: 'int a;\n' },
  { name: 'a.spec', data: '' },
];

/** Source packages with the header of a good one, which promises a.c (7 bytes) and a.spec. */
export function srpms(rpm: Buffer, spec: string): Hostile[] {
  const [source] = good;
  const promised = [...(source === undefined ? [] : [source]), { name: 'a.spec', data: spec }];
  const made = (file: string, reason: string, payload: Buffer): Hostile => ({
    file: `${file}.src.rpm`,
    bytes: withPayload(rpm, gzipSync(payload)),
    reason,
  });
  const more = (file: string, reason: string, ...members: readonly RawCpioMember[]): Hostile =>
    made(file, reason, cpioOf([...promised, ...members]));
  return [
    more('folder', 'path with a folder', { name: 'sub/evil' }),
    more('dotdot', 'path with ..', { name: '../evil' }),
    more('absolute', 'absolute path', { name: '/tmp/evil' }),
    more('link', 'symbolic link', { name: 'evil', mode: 0o120777, data: '/etc' }),
    more('directory', 'directory', { name: 'evil', mode: 0o040755 }),
    more('device', 'device', { name: 'evil', mode: 0o020644 }),
    more('fifo', 'fifo', { name: 'evil', mode: 0o010644 }),
    more('socket', 'socket', { name: 'evil', mode: 0o140644 }),
    more('control', 'path with a control character', { name: 'a\nb' }),
    more('not-utf8', 'path that is not UTF-8', { name: Buffer.from('\xe4', 'latin1') }),
    more('long', 'path over 1024 bytes', { name: 'n'.repeat(2000) }),
    more('twice', 'the same path twice', { name: './a.c', data: 'int a;\n' }),
    more('not-promised', 'not in the header of the package', { name: 'evil.patch', data: 'x' }),
    {
      ...more('large', 'more than 1048576 bytes unpacked', { name: 'evil', size: 0xffffffff }),
      env: { UNPACK_BYTES: '1048576' },
    },
    made('missing', 'in the header of the package, but not in its payload', cpioOf(promised.slice(1))),
    made('other-size', '8 bytes, but 7 in the header of the package', cpioOf([{ name: 'a.c', data: 'int a;;\n' }])),
    made('hard-link', 'hard link', cpioOf(promised.map((one) => ({ ...one, ino: 7, nlink: 2 })))),
    made('short', 'truncated', cpioOf(promised, false)),
    made('not-cpio', 'not a cpio archive', Buffer.alloc(512, 'x')),
    made('after-end', 'data after the end of the archive', Buffer.concat([cpioOf(promised), Buffer.from('more')])),
    {
      file: 'text.src.rpm',
      bytes: Buffer.alloc(500, 'x'),
      reason: 'is no readable package',
      code: 'archive-unreadable',
    },
  ];
}
