import { byteOf, numberOf } from './openpgp.ts';

/** Public-key algorithms of RFC 4880 and 9580, with how many numbers of any length their public half has. */
const KNOWN: Readonly<Record<number, { readonly name: string; readonly numbers: number }>> = {
  1: { name: 'RSA', numbers: 2 },
  2: { name: 'RSA (encrypt only)', numbers: 2 },
  3: { name: 'RSA (sign only)', numbers: 2 },
  16: { name: 'ElGamal', numbers: 3 },
  17: { name: 'DSA', numbers: 4 },
};
const CURVED: Readonly<Record<number, string>> = { 18: 'ECDH', 19: 'ECDSA', 22: 'EdDSA' };
/** Algorithms that imply their curve: length of the public half in bytes. */
const FIXED: Readonly<Record<number, { readonly name: string; readonly bytes: number }>> = {
  25: { name: 'X25519', bytes: 32 },
  26: { name: 'X448', bytes: 56 },
  27: { name: 'Ed25519', bytes: 32 },
  28: { name: 'Ed448', bytes: 57 },
};
const CURVES: Readonly<Record<string, string>> = {
  '2b06010401da470f01': 'ed25519',
  '2a8648ce3d030107': 'NIST P-256',
  '2b81040022': 'NIST P-384',
  '2b81040023': 'NIST P-521',
  '2b8104000a': 'secp256k1',
};

/** Where the algorithm stands in a key packet of version 4, and where its numbers begin. */
const ALGORITHM = 5;
const NUMBERS = 6;

/** What a key is, in the words of people. `bits` is null for curves, whose name says it. */
export function algorithmOf(body: Buffer): { readonly algorithm: string; readonly bits: number | null } {
  const id = byteOf(body, ALGORITHM);
  const curved = CURVED[id];
  if (curved !== undefined) {
    const oid = body.subarray(NUMBERS + 1, NUMBERS + 1 + byteOf(body, NUMBERS)).toString('hex');
    return { algorithm: `${curved} (${CURVES[oid] ?? `curve ${oid}`})`, bits: null };
  }
  const known = KNOWN[id];
  if (known !== undefined) return { algorithm: known.name, bits: numberOf(body, NUMBERS, 2) };
  return { algorithm: FIXED[id]?.name ?? `algorithm ${id}`, bits: null };
}

/** How much of a key packet of version 4 is its public half. Throws a TypeError for algorithms that nobody here knows. */
export function publicLength(body: Buffer): number {
  const id = byteOf(body, ALGORITHM);
  const fixed = FIXED[id];
  if (fixed !== undefined) return NUMBERS + fixed.bytes;
  if (CURVED[id] !== undefined) return afterNumbers(body, NUMBERS + 1 + byteOf(body, NUMBERS), 1);
  const known = KNOWN[id];
  if (known === undefined) throw new TypeError(`its algorithm ${id} is unknown`);
  return afterNumbers(body, NUMBERS, known.numbers);
}

function afterNumbers(body: Buffer, from: number, count: number): number {
  let at = from;
  for (let number = 0; number < count; number += 1) at += 2 + Math.ceil(numberOf(body, at, 2) / 8);
  return at;
}
