import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** An RSA key as GnuPG 1.4 made them in the days of EL6. */
export interface OldKey {
  /** 40 upper-case hexadecimal digits. */
  readonly fingerprint: string;
  /** The binary public key with one user id. */
  readonly publicKey: Buffer;
  /** A signature packet of version 3 with SHA-1, which today's GnuPG cannot make any more. */
  sign(bytes: Buffer): Buffer;
}

const RSA = 1;
const SHA1 = 2;
const SHA256 = 8;

/** Makes a key of the year 2011 that expired ten years later, like CentOS 6's own. */
export function oldKey(user: string): OldKey {
  const created = u32(Date.UTC(2011, 6, 3) / 1000);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const key = Buffer.concat([
    Buffer.from([4]),
    created,
    Buffer.from([RSA]),
    mpi(Buffer.from(n, 'base64url')),
    mpi(Buffer.from(e, 'base64url')),
  ]);
  const framed = Buffer.concat([Buffer.from([0x99]), u16(key.length), key]);
  const digest = createHash('sha1').update(framed).digest();
  const keyId = digest.subarray(12);
  const uid = Buffer.from(user);
  return {
    fingerprint: digest.toString('hex').toUpperCase(),
    publicKey: Buffer.concat([
      packet(6, key),
      packet(13, uid),
      packet(2, certification(privateKey, framed, uid, created, keyId)),
    ]),
    sign: (bytes) => {
      const hashed = Buffer.concat([Buffer.from([0]), created]);
      const made = signature(privateKey, 'sha1', Buffer.concat([bytes, hashed]));
      return packet(
        2,
        Buffer.concat([Buffer.from([3, hashed.length]), hashed, keyId, Buffer.from([RSA, SHA1]), ...made]),
      );
    },
  };
}

function certification(key: KeyObject, framed: Buffer, uid: Buffer, created: Buffer, keyId: Buffer): Buffer {
  const tenYears = u32(10 * 365 * 24 * 3600);
  // Time, what the key is for (certify and sign), how long it is good.
  const hashed = Buffer.concat([
    ...[Buffer.from([5, 2]), created, Buffer.from([2, 27, 3]), Buffer.from([5, 9]), tenYears],
  ]);
  const head = Buffer.concat([Buffer.from([4, 0x13, RSA, SHA256]), u16(hashed.length), hashed]);
  const signed = Buffer.concat([
    framed,
    ...[Buffer.from([0xb4]), u32(uid.length), uid],
    ...[head, Buffer.from([4, 0xff]), u32(head.length)],
  ]);
  const issuer = Buffer.concat([Buffer.from([9, 16]), keyId]);
  return Buffer.concat([head, u16(issuer.length), issuer, ...signature(key, 'sha256', signed)]);
}

/** The first two bytes of the digest, for a quick look, and the number itself. */
function signature(key: KeyObject, algorithm: string, bytes: Buffer): [Buffer, Buffer] {
  return [createHash(algorithm).update(bytes).digest().subarray(0, 2), mpi(sign(algorithm, bytes, key))];
}

/** A packet of the old format with a length of two bytes. */
function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x81 | (tag << 2)]), u16(body.length), body]);
}

function mpi(bytes: Buffer): Buffer {
  const from = bytes.findIndex((byte) => byte !== 0);
  const number = bytes.subarray(from);
  return Buffer.concat([u16(number.length * 8 - Math.clz32(number[0] ?? 0) + 24), number]);
}

function u16(number: number): Buffer {
  return Buffer.from([number >> 8, number & 0xff]);
}

function u32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}
