import type { FailureOf } from '../../run/failure.ts';
import { attemptLines } from './source.ts';
import type { Description } from './description.ts';

/** What verify-srpm.sh found, in words. */
const FOUND: Readonly<Record<string, string>> = {
  'srpm-unsigned': 'is not signed',
  'srpm-untrusted-key': 'is signed, but by no key that the recipe trusts for this mirror',
  'srpm-damaged': 'is damaged: its digests or its signature do not fit its bytes',
};

/** A source package whose signature does not count. Nothing in it was unpacked. */
export function signatureInvalid(failure: FailureOf<'SignatureInvalid'>): Description {
  const { file, code, detail } = failure;
  return {
    short: `${file} ${FOUND[code] ?? `could not be verified (${code})`}`,
    detail: detail === '' ? [] : [detail],
    advice: [
      'Nothing of it was unpacked or used. Take it from another mirror: `bin/factory build --mirror DIR|URL`.',
      code === 'srpm-damaged'
        ? 'Ask the mirrors again for the file that is here: `bin/factory fetch --refresh`.'
        : 'If upstream really signs with another key now, find its fingerprint from a source that you trust and put it into `keys` of the recipe.yaml.',
    ],
  };
}

/** The fingerprint is pinned, but nobody has the key. */
export function keyMissing(failure: FailureOf<'KeyMissing'>): Description {
  const { source, keys, attempts } = failure;
  return {
    short: `no key to verify ${source} with`,
    detail: [...keys.map(({ name, fingerprint }) => `want  ${name}  ${fingerprint}`), ...attemptLines(attempts)],
    advice: [
      'Give the key file (armored or binary; from an installed system: /etc/pki/rpm-gpg/): `bin/factory build --key FILE`.',
      'Only the fingerprint makes a key count, so it may come from anywhere.',
    ],
  };
}
