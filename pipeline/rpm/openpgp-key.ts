import { createHash } from 'node:crypto';
import { asSha256, type Sha256 } from '../plan/artifact.ts';
import { byteOf, dearmorKey, numberOf, type Packet, packetsOf } from './openpgp.ts';
import { algorithmOf, publicLength } from './openpgp-algorithm.ts';

/** What is known of a key without using it. */
export interface KeyInfo {
  /** Of the primary key: 40 upper-case hexadecimal digits. */
  readonly fingerprint: string;
  /** `RSA`, `EdDSA (ed25519)`. */
  readonly algorithm: string;
  /** Length of the modulus; null for curves. */
  readonly bits: number | null;
  readonly created: Date;
  readonly userIds: readonly string[];
  /** `stub`: only subkeys have their secret here, the primary key's is elsewhere (off-line, on a card). */
  readonly secret: 'none' | 'plain' | 'protected' | 'stub';
  /** Made by the factory for trying things out. */
  readonly isDemo: boolean;
  /** Over the public parts of primary key and user ids: the same whatever the passphrase is. */
  readonly publicDigest: Sha256;
}

/** Stands in the user id of keys that the factory makes by itself, for everybody who looks at a signature to read. */
export const DEMO_COMMENT = 'DEMO KEY, not for production';

const TAG = { signature: 2, secretKey: 5, publicKey: 6, secretSubkey: 7, userId: 13, publicSubkey: 14 };
/** S2K specifier of GnuPG for a secret that is not there. */
const GNU_STUB = 101;

/**
 * Reads an armored public or secret key (RFC 4880, version 4). Nothing is verified: gpg does that when the key is used.
 * Throws a TypeError whose message says what is wrong and holds nothing of the text.
 */
export function readKey(armored: string): KeyInfo {
  const packets = packetsOf(dearmorKey(armored).bytes);
  const primaries = packets.filter(({ tag }) => tag === TAG.secretKey || tag === TAG.publicKey);
  const [primary] = primaries;
  if (primary === undefined || packets[0] !== primary) throw new TypeError('it does not begin with a key');
  if (primaries.length > 1) throw new TypeError(`it holds ${primaries.length} keys instead of one`);
  const { body } = primary;
  const version = byteOf(body, 0);
  if (version !== 4) throw new TypeError(`it is a key of OpenPGP version ${version}; rpm of EL6 knows version 4`);
  const own = body.subarray(0, publicLength(body));
  if (own.length > body.length) throw new TypeError('it is cut short');
  const userIds = packets.filter(({ tag }) => tag === TAG.userId).map((packet) => packet.body.toString('utf8'));
  return {
    fingerprint: createHash('sha1').update(framed(own)).digest('hex').toUpperCase(),
    ...algorithmOf(own),
    created: new Date(numberOf(body, 1, 4) * 1000),
    userIds,
    secret: primary.tag === TAG.publicKey ? 'none' : protectionOf(body.subarray(own.length)),
    isDemo: userIds.some((userId) => userId.includes(DEMO_COMMENT)),
    publicDigest: digestOf(own, packets),
  };
}

/** As fingerprints are made (RFC 4880, section 12.2). */
function framed(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x99, body.length >> 8, body.length & 0xff]), body]);
}

function protectionOf(secret: Buffer): KeyInfo['secret'] {
  const usage = byteOf(secret, 0);
  if (usage === 0) return 'plain';
  return (usage === 254 || usage === 255) && byteOf(secret, 2) === GNU_STUB ? 'stub' : 'protected';
}

/** Subkeys sign nothing that rpm would accept, and only their packets have secrets in them. */
function digestOf(own: Buffer, packets: readonly Packet[]): Sha256 {
  const hash = createHash('sha256').update(framed(own));
  for (const { tag, body } of packets.slice(1)) {
    if (tag === TAG.secretSubkey || tag === TAG.publicSubkey) break;
    if (tag === TAG.userId || tag === TAG.signature) hash.update(`${tag} ${body.length}\n`).update(body);
  }
  return asSha256(hash.digest('hex'));
}
