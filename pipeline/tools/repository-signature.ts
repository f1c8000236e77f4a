import { isSignedBy, openPgpKeys } from './repository-openpgp.ts';

/**
 * What is wrong with a detached signature; undefined when a key of the armored `keys` made it over these bytes. With
 * `fingerprint` (40 hexadecimal digits) only that key counts.
 */
export function signatureProblem(
  signature: string,
  bytes: Buffer,
  keys: string,
  fingerprint: string | undefined,
): string | undefined {
  try {
    const known = openPgpKeys(keys);
    const allowed = known.filter((key) => fingerprint === undefined || key.fingerprint === fingerprint.toUpperCase());
    if (allowed.length === 0) return `the key ${fingerprint ?? '(RSA)'} that made it is not beside it`;
    return allowed.some((key) => isSignedBy(key, signature, bytes))
      ? undefined
      : `not a signature over these bytes by ${allowed.map((key) => key.fingerprint).join(' or ')}`;
  } catch (error) {
    // Damaged armor can break at any depth: reading beyond its end is a RangeError, everything else a TypeError.
    if (error instanceof TypeError || error instanceof RangeError) return `not readable as OpenPGP: ${error.message}`;
    throw error;
  }
}
