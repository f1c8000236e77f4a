import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** An RSA key that signs like today's GnuPG: version 4, SHA-256. */
export interface SigningKey {
  /** 40 upper-case hexadecimal digits. */
  readonly fingerprint: string;
  /** Armored, with one certified user id, so that gpg and rpm take it. */
  readonly publicKey: string;
  /** An armored detached signature. */
  sign(bytes: Buffer): string;
  /** A clear-signed text, as gpg --clearsign writes it; every line of `text` ends in a line end, none in a blank. */
  clearSign(text: string): string;
}

const shared = new Map<string, SigningKey>();

/** The same small key for the same user within a process, for tests that no gpg sees: making a larger one takes half a second. */
export function sharedKey(user = 'test <test@fullnat-factory.invalid>'): SigningKey {
  const key = shared.get(user) ?? signingKey(user, 1024);
  shared.set(user, key);
  return key;
}

const RSA = 1;
const SHA256 = 8;

/** Makes a key of 2020. */
export function signingKey(user = 'test <test@fullnat-factory.invalid>', bits = 2048): SigningKey {
  const created = u32(Date.UTC(2020, 0, 1) / 1000);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: bits });
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' });
  const numbers = [n, e].map((text) => mpi(Buffer.from(text, 'base64url')));
  const key = Buffer.concat([Buffer.from([4]), created, Buffer.from([RSA]), ...numbers]);
  const framed = Buffer.concat([Buffer.from([0x99]), u16(key.length), key]);
  const fingerprint = createHash('sha1').update(framed).digest();
  const uid = Buffer.from(user);

  const signature = (type: number, signed: Buffer, more: Buffer = Buffer.alloc(0)): Buffer => {
    const issuer = Buffer.concat([Buffer.from([22, 33, 4]), fingerprint]);
    const hashed = Buffer.concat([issuer, Buffer.from([5, 2]), created, more]);
    const head = Buffer.concat([Buffer.from([4, type, RSA, SHA256]), u16(hashed.length), hashed]);
    const bytes = Buffer.concat([signed, head, Buffer.from([4, 0xff]), u32(head.length)]);
    const keyId = Buffer.concat([Buffer.from([9, 16]), fingerprint.subarray(12)]);
    const quick = createHash('sha256').update(bytes).digest().subarray(0, 2);
    return packet(2, Buffer.concat([head, u16(keyId.length), keyId, quick, mpi(sign('sha256', bytes, privateKey))]));
  };
  const certified = Buffer.concat([framed, Buffer.from([0xb4]), u32(uid.length), uid]);
  const mayCertifyAndSign = Buffer.from([2, 27, 3]);
  const whole = [packet(6, key), packet(13, uid), signature(0x13, certified, mayCertifyAndSign)];
  return {
    fingerprint: fingerprint.toString('hex').toUpperCase(),
    publicKey: armored('PUBLIC KEY BLOCK', Buffer.concat(whole)),
    sign: (bytes) => armored('SIGNATURE', signature(0, bytes)),
    clearSign(text) {
      const signed = Buffer.from(text.replace(/\n$/, '').replaceAll('\n', '\r\n'));
      return `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n${text}${armored('SIGNATURE', signature(1, signed))}`;
    },
  };
}

/** With its checksum: where no `=` of the contents comes before the end, gpg finds no data in armor without one. */
function armored(kind: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN PGP ${kind}-----\n\n${lines}\n=${crc24(bytes).toString('base64')}\n-----END PGP ${kind}-----\n`;
}

/** RFC 4880 section 6.1. */
function crc24(bytes: Buffer): Buffer {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ ((crc & 0x800000) === 0 ? 0 : 0x1864cfb);
  }
  return Buffer.from([(crc >> 16) & 0xff, (crc >> 8) & 0xff, crc & 0xff]);
}

/** A packet of the old format with a length of two bytes. */
function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x81 | (tag << 2)]), u16(body.length), body]);
}

function mpi(bytes: Buffer): Buffer {
  const number = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
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
