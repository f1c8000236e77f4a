/** What can stand in an armored block of ours. */
export type ArmorKind = 'PUBLIC KEY BLOCK' | 'PRIVATE KEY BLOCK';

/** One packet of RFC 4880, section 4. */
export interface Packet {
  readonly tag: number;
  readonly body: Buffer;
}

/**
 * The bytes of the first armored key in a text. Throws a TypeError, without any of the text in it, when there is none or
 * when it was damaged (cut short, pasted without its line breaks).
 */
export function dearmorKey(text: string): { readonly kind: ArmorKind; readonly bytes: Buffer } {
  const unix = text.replaceAll('\r\n', '\n');
  const found = /^-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----[ \t]*\n(.*?)^-----END PGP \1 KEY BLOCK-----/ms.exec(
    unix,
  );
  if (found === null)
    throw new TypeError(
      /-----BEGIN PGP (PUBLIC|PRIVATE) KEY BLOCK-----/.test(unix)
        ? 'its armor is cut short or has lost its line breaks'
        : 'there is no armored OpenPGP key in it',
    );
  const [, kind = '', inner = ''] = found;
  // Headers end with an empty line; without headers some programs leave it out.
  const headers = /^(?:[A-Za-z]+: .*\n)*[ \t]*\n/.exec(inner)?.[0] ?? '';
  const lines = inner.slice(headers.length).split('\n');
  const body = lines
    .filter((line) => !line.startsWith('='))
    .join('')
    .replaceAll(/\s/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) throw new TypeError('its armor holds something else than base64');
  const bytes = Buffer.from(body, 'base64');
  const sum = lines
    .find((line) => line.startsWith('='))
    ?.trim()
    .slice(1);
  if (sum !== undefined && Buffer.from(sum, 'base64').readUIntBE(0, 3) !== crc24(bytes))
    throw new TypeError('its armor is damaged: the checksum does not fit');
  return { kind: `${kind as 'PUBLIC' | 'PRIVATE'} KEY BLOCK`, bytes };
}

/** All packets, with lengths of the old and the new format. Throws a TypeError for anything else. */
export function packetsOf(bytes: Buffer): Packet[] {
  const packets: Packet[] = [];
  let at = 0;
  while (at < bytes.length) {
    const head = byteOf(bytes, at);
    if ((head & 0x80) === 0) throw new TypeError('it is no OpenPGP data');
    const isNew = (head & 0x40) !== 0;
    const { size, length } = isNew ? newLength(bytes, at + 1) : oldLength(bytes, at + 1, head & 3);
    const start = at + 1 + size;
    if (start + length > bytes.length) throw new TypeError('it is cut short');
    packets.push({ tag: isNew ? head & 0x3f : (head >> 2) & 15, body: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return packets;
}

/** The byte at a place; a TypeError where there is none. */
export function byteOf(bytes: Buffer, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new TypeError('it is cut short');
  return byte;
}

/** A big-endian number of so many bytes; a TypeError where there are fewer. */
export function numberOf(bytes: Buffer, at: number, size: 2 | 4): number {
  if (at + size > bytes.length) throw new TypeError('it is cut short');
  return bytes.readUIntBE(at, size);
}

interface Length {
  /** Bytes that the length itself takes. */
  readonly size: number;
  readonly length: number;
}

function oldLength(bytes: Buffer, at: number, type: number): Length {
  if (type === 0) return { size: 1, length: byteOf(bytes, at) };
  if (type === 1) return { size: 2, length: numberOf(bytes, at, 2) };
  if (type === 2) return { size: 4, length: numberOf(bytes, at, 4) };
  throw new TypeError('it holds a packet without a length');
}

function newLength(bytes: Buffer, at: number): Length {
  const first = byteOf(bytes, at);
  if (first < 192) return { size: 1, length: first };
  if (first < 224) return { size: 2, length: ((first - 192) << 8) + byteOf(bytes, at + 1) + 192 };
  if (first === 255) return { size: 5, length: numberOf(bytes, at + 1, 4) };
  throw new TypeError('it holds a packet in parts, which no key has');
}

/** RFC 4880, section 6.1. */
function crc24(bytes: Buffer): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit += 1) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}
