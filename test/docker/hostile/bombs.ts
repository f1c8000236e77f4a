import { crc32 } from 'node:zlib';
import { member } from './raw.ts';
import type { Hostile } from './trees.ts';

const MIB = 1024 ** 2;
const octal = (size: number): string => `${size.toString(8).padStart(11, '0')}\0`;
const zeros = (size: number): Buffer => member({ name: 'top/zeros', size: octal(size) });

/** What the shell code below needs: headers of members that it fills, or multiplies. */
export const BOMB_PARTS = {
  'in/top': member({ name: 'top/', type: '5' }),
  'in/zeros': zeros(256 * MIB),
  'in/end': Buffer.alloc(1024),
  'in/many.pl': `
    my ($count, $long) = @ARGV;
    my $ids = "0000644\\0" . "0000000\\0" x 2;
    sub header {
      my $h = pack 'a100a24a12a12a8a1a100a8a247', $_[0], $ids, sprintf("%011o\\0", $_[2]), "00000000000\\0", ' ' x 8,
        $_[1], '', "ustar\\x0000", '';
      substr $h, 148, 8, sprintf("%06o\\0 ", unpack '%32C*', $h);
      return $h;
    }
    print header('top/', '5', 0);
    for my $n (1 .. $count) {
      print header('L', 'L', 985), pack('a1024', 'top/' . ('d' x 200 . '/') x 4 . sprintf('%0176d', $n) . "\\0") if $long;
      print header("top/$n", '0', 0);
    }
    print "\\0" x 1024;`,
} as const;

/** Leaves the bombs in /out. */
export const BOMBS_SHELL = `
  filled() { cat /in/top /in/zeros; head -c 256M /dev/zero; cat /in/end; }
  filled | xz -0 >/out/zeros.tar.xz &
  filled | gzip -1 >/out/zeros.tar.gz
  filled | head -c 64M | bzip2 -1 >/out/zeros.tar.bz2
  { cat /in/top /in/end; head -c 256M /dev/zero; } | gzip -1 >/out/trailing.tar.gz
  perl /in/many.pl 1000000 | gzip -1 >/out/million.tar.gz
  perl /in/many.pl 40000 long | gzip -1 >/out/paths.tar.gz
  cat /in/top /in/end | xz -0 >/out/dictionary.tar.xz
  wait`;

/** The bombs with the reason for which each must be refused. */
export function bombs(made: ReadonlyMap<string, Buffer>): Hostile[] {
  const bomb = (file: string, reason: string, env?: Hostile['env'], more: Partial<Hostile> = {}): Hostile => {
    const bytes = made.get(file);
    if (bytes === undefined) throw new Error(`no ${file} was made`);
    return { file, bytes, reason, ...(env === undefined ? {} : { env }), ...more };
  };
  const any = { UNPACK_RATIO: '50000' };
  const dictionary = bomb('dictionary.tar.xz', 'Memory usage limit reached', {}, { code: 'archive-unreadable' });
  return [
    bomb('zeros.tar.gz', 'unpacks to more than 100 times its size'),
    bomb('zeros.tar.bz2', 'unpacks to more than 100 times its size'),
    bomb('zeros.tar.xz', 'unpacks to more than 100 times its size'),
    bomb('trailing.tar.gz', 'more than 104857600 bytes unpacked', { ...any, UNPACK_BYTES: String(100 * MIB) }),
    bomb('million.tar.gz', 'more than 200000 members', any),
    bomb('paths.tar.gz', 'paths of more than 33554432 bytes together', any),
    { ...dictionary, bytes: withDictionary(dictionary.bytes) },
  ];
}

/** An xz stream whose decoder would need 2 GiB. Its first block header starts at byte 12 and ends with its checksum. */
function withDictionary(xz: Buffer): Buffer {
  const copy = Buffer.from(xz);
  const end = 12 + ((copy[12] ?? 0) + 1) * 4 - 4;
  const filter = copy.indexOf(Buffer.from([0x21, 1]), 12);
  copy[filter + 2] = 38;
  copy.writeUInt32LE(crc32(copy.subarray(12, end)), end);
  return copy;
}
