import { randomBytes } from 'node:crypto';

/** What a key in a test is. Its numbers are random: it can be read, and no more. */
export interface KeyShape {
  readonly half?: 'PRIVATE' | 'PUBLIC';
  readonly version?: number;
  readonly algorithm?: 'RSA' | 'DSA' | 'EdDSA';
  readonly bits?: number;
  readonly userId?: string;
  readonly secret?: 'plain' | 'protected' | 'stub';
  readonly newFormat?: boolean;
}

/** Seconds since 1970 at which every such key was made. */
export const MADE = Date.UTC(2026, 0, 2, 3, 4, 5) / 1000;

const CURVE = Buffer.from('092b06010401da470f01', 'hex');
const ID = { RSA: 1, DSA: 17, EdDSA: 22 };

/** Public half of a key packet: the same for both halves of a key. */
export function publicHalf({ version = 4, algorithm = 'RSA', bits = 2048 }: KeyShape = {}): Buffer {
  const numbers = {
    RSA: () => [mpi(bits), mpi(17)],
    DSA: () => [mpi(bits), mpi(256), mpi(bits), mpi(bits)],
    EdDSA: () => [CURVE, mpi(263)],
  };
  const head = Buffer.alloc(6);
  head.writeUInt8(version, 0);
  head.writeUInt32BE(MADE, 1);
  head.writeUInt8(ID[algorithm], 5);
  return Buffer.concat([head, ...numbers[algorithm]()]);
}

/** A key in its armor, as gpg --armor --export(-secret-keys) writes it. */
export function armoredKey(shape: KeyShape = {}, half: Buffer = publicHalf(shape)): string {
  const isSecret = shape.half !== 'PUBLIC';
  const rest = {
    plain: Buffer.concat([Buffer.from([0]), mpi(bitsOf(shape)), Buffer.alloc(2)]),
    protected: Buffer.concat([Buffer.from([254, 7, 3, 8]), randomBytes(200)]),
    stub: Buffer.from([255, 0, 101, 0, 0x47, 0x4e, 0x55, 1]),
  };
  const body = isSecret ? Buffer.concat([half, rest[shape.secret ?? 'plain']]) : half;
  const packets = [
    packet(isSecret ? 5 : 6, body, shape.newFormat),
    packet(13, Buffer.from(shape.userId ?? 'Somebody (test) <somebody@example.invalid>'), shape.newFormat),
    packet(2, Buffer.from('a signature'), shape.newFormat),
    packet(isSecret ? 7 : 14, body, shape.newFormat),
  ];
  return armored(Buffer.concat(packets), isSecret ? 'PRIVATE' : 'PUBLIC');
}

/** Bytes in an armor with a header and the right checksum. */
export function armored(bytes: Buffer, half: 'PRIVATE' | 'PUBLIC'): string {
  const name = `PGP ${half} KEY BLOCK`;
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return [
    `-----BEGIN ${name}-----`,
    'Comment: for a test',
    '',
    ...lines,
    `=${crc24(bytes)}`,
    `-----END ${name}-----`,
    '',
  ].join('\n');
}

const bitsOf = ({ bits = 2048 }: KeyShape): number => bits;

function mpi(bits: number): Buffer {
  const bytes = randomBytes(Math.ceil(bits / 8));
  bytes[0] = 1 << ((bits - 1) % 8);
  return Buffer.concat([Buffer.from([bits >> 8, bits & 0xff]), bytes]);
}

function packet(tag: number, body: Buffer, newFormat = false): Buffer {
  const long = Buffer.alloc(5);
  long.writeUInt32BE(body.length, 1);
  if (newFormat) long[0] = 255;
  return Buffer.concat([
    Buffer.from([newFormat ? 0xc0 | tag : 0x82 | (tag << 2)]),
    newFormat ? long : long.subarray(1),
    body,
  ]);
}

function crc24(bytes: Buffer): string {
  let crc = 0xb704ce;
  for (const byte of bytes)
    for (let bit = 7; bit >= 0; bit -= 1) {
      const carry = ((crc >> 23) & 1) ^ ((byte >> bit) & 1);
      crc = ((crc << 1) & 0xffffff) ^ (carry === 1 ? 0x864cfb : 0);
    }
  return Buffer.from([crc >> 16, (crc >> 8) & 0xff, crc & 0xff]).toString('base64');
}
