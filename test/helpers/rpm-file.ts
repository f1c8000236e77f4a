import { createHash } from 'node:crypto';

/** Bytes of an RPM file: 96 bytes that nobody reads any more, signature header, header, payload. */
interface Parts {
  readonly lead: Buffer;
  readonly signatures: readonly Entry[];
  readonly header: Buffer;
  readonly payload: Buffer;
}
interface Entry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  readonly bytes: Buffer;
}

const LEAD = 96;
const MAGIC = Buffer.from('8eade80100000000', 'hex');
/** Tags of the signature header, and the type of binary values. */
const TAG = { region: 62, sha1: 269, rsa: 268, sha256: 273, pgp: 1002, md5: 1004 };
const BIN = 7;

/**
 * The package as an rpm of EL6's age would have made it: no digest of the payload in the header, and none but MD5 elsewhere.
 * Unsigned.
 */
export function withoutPayloadDigest(rpm: Buffer): Buffer {
  const { lead, header, payload, signatures } = split(rpm);
  const old = Buffer.from(header);
  // An unknown number in place of those for the digest, its algorithm and the digest of the unpacked payload.
  for (let at = 16; at < 16 + old.readUInt32BE(8) * 16; at += 16) {
    const tag = old.readUInt32BE(at);
    if ([5092, 5093, 5097].includes(tag)) old.writeUInt32BE(tag + 10_000, at);
  }
  const hex = (algorithm: string): Buffer =>
    Buffer.from(`${createHash(algorithm).update(old).digest('hex')}\0`, 'latin1');
  const digests = new Map([
    [TAG.sha1, hex('sha1')],
    [TAG.sha256, hex('sha256')],
    [TAG.md5, createHash('md5').update(old).update(payload).digest()],
  ]);
  return join({
    lead,
    header: old,
    payload,
    signatures: signatures.map((entry) => ({ ...entry, bytes: digests.get(entry.tag) ?? entry.bytes })),
  });
}

/**
 * Adds the signature of the header, and that of header and payload, as `rpm --addsign` of EL6 did. `sign` makes an OpenPGP
 * signature packet.
 */
export function withSignatures(
  rpm: Buffer,
  sign: (bytes: Buffer) => Buffer,
  covers: readonly ('header' | 'everything')[],
): Buffer {
  const parts = split(rpm);
  const entries = covers.map((what) => {
    const bytes = sign(what === 'header' ? parts.header : Buffer.concat([parts.header, parts.payload]));
    return { tag: what === 'header' ? TAG.rsa : TAG.pgp, type: BIN, count: bytes.length, bytes };
  });
  return join({ ...parts, signatures: [...parts.signatures, ...entries] });
}

/** The package with another payload, and the header of the old one. */
export function withPayload(rpm: Buffer, payload: Buffer): Buffer {
  return join({ ...split(rpm), payload });
}

function split(rpm: Buffer): Parts {
  const signature = rpm.subarray(LEAD, LEAD + sizeOf(rpm, LEAD));
  const at = LEAD + Math.ceil(signature.length / 8) * 8;
  const end = at + sizeOf(rpm, at);
  const data = 16 + signature.readUInt32BE(8) * 16;
  const offsets: { tag: number; type: number; count: number; from: number }[] = [];
  for (let index = 16; index < data; index += 16) {
    const [tag, type, from, count] = [0, 4, 8, 12].map((field) => signature.readUInt32BE(index + field));
    if (tag !== TAG.region) offsets.push({ tag: tag ?? 0, type: type ?? 0, count: count ?? 0, from: from ?? 0 });
  }
  const signatures = offsets.map(({ tag, type, count, from }) => {
    const start = data + from;
    // Strings end with a zero byte, 32-bit integers have 4 bytes; the rest is counted in bytes.
    const length = type === 6 ? signature.indexOf(0, start) + 1 - start : type === 4 ? count * 4 : count;
    return { tag, type, count, bytes: signature.subarray(start, start + length) };
  });
  return { lead: rpm.subarray(0, LEAD), signatures, header: rpm.subarray(at, end), payload: rpm.subarray(end) };
}

function join({ lead, signatures, header, payload }: Parts): Buffer {
  const sorted = [...signatures].sort((a, b) => a.tag - b.tag);
  const values: Buffer[] = [];
  let size = 0;
  const push = (bytes: Buffer): void => {
    values.push(bytes);
    size += bytes.length;
  };
  const index = sorted.map(({ tag, type, count, bytes }) => {
    if (type === 4 && size % 4 > 0) push(Buffer.alloc(4 - (size % 4)));
    const entry = words(tag, type, size, count);
    push(bytes);
    return entry;
  });
  const region = words(TAG.region, BIN, size, 16);
  push(words(TAG.region, BIN, -(sorted.length + 1) * 16, 16));
  const signature = Buffer.concat([MAGIC, words(sorted.length + 1, size), region, ...index, ...values]);
  return Buffer.concat([lead, signature, Buffer.alloc(-signature.length & 7), header, payload]);
}

function sizeOf(rpm: Buffer, at: number): number {
  return 16 + rpm.readUInt32BE(at + 8) * 16 + rpm.readUInt32BE(at + 12);
}

function words(...numbers: number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, index) => bytes.writeInt32BE(number, index * 4));
  return bytes;
}
