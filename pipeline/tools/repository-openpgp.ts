import { createHash, createPublicKey, verify } from 'node:crypto';

/** An RSA key of OpenPGP version 4. */
export interface OpenPgpKey {
  /** 40 upper-case hexadecimal digits. */
  readonly fingerprint: string;
  readonly modulus: Buffer;
  readonly exponent: Buffer;
}

/** Hashes of RFC 4880 section 9.4 that still count. */
const HASHES: Readonly<Record<number, string>> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' };
const RSA = new Set([1, 3]);
const SIGNATURE = 2;
const PUBLIC_KEY = 6;

/**
 * The primary RSA keys of an armored file. Self-signatures, expiry and revocations are not looked at: which key may sign is
 * known by its fingerprint. Throws a TypeError for what is no OpenPGP.
 */
export function openPgpKeys(armored: string): readonly OpenPgpKey[] {
  return blocks(armored, 'PUBLIC KEY BLOCK')
    .flatMap(packets)
    .filter(({ tag, body }) => tag === PUBLIC_KEY && body[0] === 4 && RSA.has(byteAt(body, 5)))
    .map(({ body }) => {
      const [modulus, rest] = mpi(body.subarray(6));
      const [exponent] = mpi(rest);
      const framed = Buffer.concat([Buffer.from([0x99, body.length >> 8, body.length & 0xff]), body]);
      return { fingerprint: createHash('sha1').update(framed).digest('hex').toUpperCase(), modulus, exponent };
    });
}

/** What a signature is of (RFC 4880 section 5.2.1). */
const TYPES = { binary: 0, text: 1 } as const;

/**
 * Whether an armored signature over `bytes` was made by this key: RSA, version 4, with SHA-256 or better; of a binary document
 * (detached) or of a text (clear-signed; the line ends in `bytes` are CR LF). Throws a TypeError for what is no such signature.
 */
export function isSignedBy(
  key: OpenPgpKey,
  armored: string,
  bytes: Buffer,
  of: keyof typeof TYPES = 'binary',
): boolean {
  const found = blocks(armored, 'SIGNATURE').flatMap(packets);
  const [packet] = found;
  if (found.length !== 1 || packet?.tag !== SIGNATURE) throw new TypeError('not one signature');
  const { body } = packet;
  const [version, type, algorithm, hash] = [byteAt(body, 0), byteAt(body, 1), byteAt(body, 2), byteAt(body, 3)];
  if (version !== 4 || type !== TYPES[of]) throw new TypeError(`signature of version ${version} and type ${type}`);
  const name = HASHES[hash];
  if (!RSA.has(algorithm) || name === undefined) throw new TypeError(`signature algorithm ${algorithm}, hash ${hash}`);
  const hashed = body.subarray(0, 6 + body.readUInt16BE(4));
  const afterUnhashed = hashed.length + 2 + body.readUInt16BE(hashed.length);
  const [number] = mpi(body.subarray(afterUnhashed + 2));
  const trailer = Buffer.from([4, 0xff, 0, 0, 0, 0]);
  trailer.writeUInt32BE(hashed.length, 2);
  const padded = Buffer.concat([Buffer.alloc(Math.max(0, key.modulus.length - number.length)), number]);
  const jwk = { kty: 'RSA', n: key.modulus.toString('base64url'), e: key.exponent.toString('base64url') };
  return verify(name, Buffer.concat([bytes, hashed, trailer]), createPublicKey({ key: jwk, format: 'jwk' }), padded);
}

/** Bytes of every armored block of a kind. The checksum at its end says nothing that a signature does not say better. */
function blocks(text: string, kind: string): Buffer[] {
  const found = [...text.matchAll(new RegExp(`-----BEGIN PGP ${kind}-----(.*?)-----END PGP ${kind}-----`, 'gs'))];
  if (found.length === 0) throw new TypeError(`no PGP ${kind}`);
  return found.map(([, inner = '']) => {
    const [, ...body] = inner.replaceAll('\r', '').split('\n\n');
    return Buffer.from(body.join('').replace(/\n=[0-9A-Za-z+/]{4}\s*$/, ''), 'base64');
  });
}

/** Packets of the old and the new format (RFC 4880 section 4.2); those of unknown length no key or signature has. */
function packets(bytes: Buffer): { readonly tag: number; readonly body: Buffer }[] {
  const found: { tag: number; body: Buffer }[] = [];
  for (let rest = bytes; rest.length > 0;) {
    const head = byteAt(rest, 0);
    if ((head & 0x80) === 0) throw new TypeError('not an OpenPGP packet');
    const [start, length] = (head & 0x40) === 0 ? oldLength(rest, head & 3) : newLength(rest);
    if (start + length > rest.length) throw new TypeError('an OpenPGP packet that is cut off');
    found.push({ tag: (head & 0x40) === 0 ? (head >> 2) & 15 : head & 63, body: rest.subarray(start, start + length) });
    rest = rest.subarray(start + length);
  }
  return found;
}

function oldLength(bytes: Buffer, type: number): [start: number, length: number] {
  if (type === 0) return [2, byteAt(bytes, 1)];
  if (type === 1) return [3, (byteAt(bytes, 1) << 8) | byteAt(bytes, 2)];
  if (type === 2) return [5, ((byteAt(bytes, 1) << 24) >>> 0) + bytes.readUIntBE(2, 3)];
  throw new TypeError('an OpenPGP packet without a length');
}

function newLength(bytes: Buffer): [start: number, length: number] {
  const first = byteAt(bytes, 1);
  if (first < 192) return [2, first];
  if (first < 224) return [3, ((first - 192) << 8) + byteAt(bytes, 2) + 192];
  if (first === 255) return [6, bytes.readUInt32BE(2)];
  throw new TypeError('an OpenPGP packet in parts');
}

/**
 * A number with its length in bits before it, and what follows. The length counts from the highest set bit (RFC 4880 section
 * 3.2): a looser reader would take a flipped bit of it for the same signature.
 */
function mpi(bytes: Buffer): [number: Buffer, rest: Buffer] {
  const bits = (byteAt(bytes, 0) << 8) | byteAt(bytes, 1);
  const end = 2 + Math.ceil(bits / 8);
  if (end > bytes.length) throw new TypeError('an OpenPGP number that is cut off');
  if (bits === 0 || (end - 3) * 8 + 32 - Math.clz32(byteAt(bytes, 2)) !== bits)
    throw new TypeError('an OpenPGP number of another length than it says');
  return [bytes.subarray(2, end), bytes.subarray(end)];
}

function byteAt(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new TypeError('OpenPGP data that is cut off');
  return byte;
}
