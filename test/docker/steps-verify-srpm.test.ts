import { beforeAll, expect, test } from 'vitest';
import { oldKey } from '../helpers/openpgp.ts';
import { withSignatures, withoutPayloadDigest } from '../helpers/rpm-file.ts';
import { only, stepRig, type Contents, type StepRig, type StepRun } from './step-rig.ts';

/** Throw-away keys, and a source package without a signature. */
const MAKE = `
export GNUPGHOME=$(mktemp -d); cd "$GNUPGHOME"
for kind in "rsa RSA Key-Length:2048" "other EDDSA Key-Curve:ed25519" "stranger RSA Key-Length:2048"; do
  set -- $kind
  printf '%s\\n' %no-protection "Key-Type: $2" "\${3/:/: }" 'Key-Usage: sign' "Name-Real: $1" "Name-Email: $1@example.invalid" %commit >$1.batch
  gpg --batch --quiet --full-generate-key $1.batch
  gpg --batch --armor --export $1 >/out/$1.asc
  gpg --batch --armor --export-secret-keys $1 >/out/$1.secret
  gpg --batch --with-colons --list-keys $1 | awk -F: '$1 == "fpr" && !n++ {printf "%s", $10}' >/out/$1.fpr
done
mkdir SOURCES; head -c 20000 /dev/urandom >SOURCES/payload
printf '%s\\n' 'Name: tiny' 'Version: 1' 'Release: 1' 'Summary: x' 'License: x' 'Source0: payload' %description x >tiny.spec
rpmbuild -bs --nodeps --define "_topdir $PWD" tiny.spec
cp SRPMS/*.src.rpm /out/unsigned.src.rpm`;

/** Signs in/*.rpm with the keys that their names begin with; a name with "both" also gets the old signature of all bytes. */
const SIGN = `
export GNUPGHOME=$(mktemp -d)
gpg --batch --quiet --import /in/keys/*
for rpm in /in/rpms/*; do
  name=\${rpm##*/}; cp $rpm /out/$name; chmod 644 /out/$name
  case $name in *both*) more=--rpmv3 ;; *) more= ;; esac
  rpmsign --define "__gpg $(command -v gpg)" --define "_gpg_name \${name%%-*}" --define '_gpg_digest_algo sha256' --addsign $more /out/$name </dev/null
done`;

let rig: StepRig;
let made: ReadonlyMap<string, Buffer>;
let signed: ReadonlyMap<string, Buffer>;
const fingerprint = (key: string): string => only(made, `${key}.fpr`).toString();

beforeAll(async () => {
  rig = await stepRig();
  made = await rig.make(MAKE);
  const unsigned = only(made, 'unsigned.src.rpm');
  const old = withoutPayloadDigest(unsigned);
  signed = await rig.make(SIGN, {
    ...Object.fromEntries(['rsa', 'other'].map((key) => [`in/keys/${key}`, only(made, `${key}.secret`)])),
    'in/rpms/rsa-new': unsigned,
    'in/rpms/rsa-both': unsigned,
    'in/rpms/other-new': unsigned,
    'in/rpms/rsa-old-both': old,
  });
});

function verify(srpm: Buffer, fingerprints: readonly string[], keys: Contents): Promise<StepRun> {
  return rig.step(
    'verify-srpm.sh',
    { FINGERPRINTS: fingerprints.join(' ') },
    {
      'in/srpm/tiny-1-1.src.rpm': srpm,
      ...Object.fromEntries(Object.entries(keys).map(([name, bytes]) => [`in/keys/${name}`, bytes])),
    },
  );
}
const byRsa = (srpm: Buffer): Promise<StepRun> => verify(srpm, [fingerprint('rsa')], { k: only(made, 'rsa.asc') });

test.concurrent.each(['rsa-new', 'rsa-both', 'rsa-old-both'])('%s: signed by the key', async (name) => {
  const { code, facts, outputs } = await byRsa(only(signed, name));
  expect(code).toBe(0);
  expect(facts.signature_fingerprint).toBe(fingerprint('rsa'));
  expect(facts.signature).toMatch(
    name.endsWith('both') ? /^V4 RSA\/SHA256 Signature, key/ : /^Header V4 RSA\/SHA256 Sig/,
  );
  expect(JSON.parse(only(outputs, 'signature.json').toString())).toEqual({
    schema: 1,
    file: 'tiny-1-1.src.rpm',
    fingerprint: fingerprint('rsa'),
    algorithms: ['RSA/SHA256'],
  });
});

test.concurrent('another kind of key, out of a file with several; who signed is told from two that may', async () => {
  const keys = {
    all: Buffer.concat(['stranger', 'rsa', 'other'].map((key) => only(made, `${key}.asc`))),
    broken: 'this is no key',
  };
  const { code, facts } = await verify(only(signed, 'other-new'), [fingerprint('rsa'), fingerprint('other')], keys);
  expect(code).toBe(0);
  expect(facts.signature_fingerprint).toBe(fingerprint('other'));
});

test.concurrent(
  'as CentOS 6 did it: signatures of version 3 with SHA-1, by a key that has expired, MD5 for the payload',
  async () => {
    const key = oldKey('Old Key <old@example.invalid>');
    const unsigned = withoutPayloadDigest(only(made, 'unsigned.src.rpm'));
    const sign = (bytes: Buffer): Buffer => key.sign(bytes);
    const keys = { binary: key.publicKey };
    const both = await verify(withSignatures(unsigned, sign, ['header', 'everything']), [key.fingerprint], keys);
    expect(both.code, both.lines.join('\n')).toBe(0);
    expect(both.facts.signature).toMatch(/^V3 RSA\/SHA1 Signature, key ID [0-9a-f]+$/);
    expect(both.facts.signature_fingerprint).toBe(key.fingerprint);

    // Without the second one nothing that is signed says anything of the payload.
    const header = await verify(withSignatures(unsigned, sign, ['header']), [key.fingerprint], keys);
    expect(header.code).toBe(10);
    expect(header.error?.code).toBe('srpm-unsigned');
    expect(header.error?.detail).toContain('covers the header only');
  },
);

test.concurrent('without a signature, which rpmkeys lets pass', async () => {
  const { code, error, outputs } = await byRsa(only(made, 'unsigned.src.rpm'));
  expect(code).toBe(10);
  expect(error).toEqual({ code: 'srpm-unsigned', detail: 'tiny-1-1.src.rpm carries no signature' });
  expect(outputs.size).toBe(0);
});

test.concurrent('signed by a key that is not allowed, though its file is there', async () => {
  const keys = { other: only(made, 'other.asc'), rsa: only(made, 'rsa.asc') };
  const { code, error } = await verify(only(signed, 'rsa-new'), [fingerprint('other')], keys);
  expect(code).toBe(11);
  expect(error?.code).toBe('srpm-untrusted-key');
  expect(error?.detail).toContain(fingerprint('rsa').slice(-8).toLowerCase());
  expect(error?.detail).toContain(`allowed are ${fingerprint('other')}`);
});

test.concurrent('no file holds the key: what is there is told', async () => {
  const keys = { 'a.asc': only(made, 'other.asc'), 'b.html': '<html>404</html>' };
  const { code, error } = await verify(only(signed, 'rsa-new'), [fingerprint('rsa')], keys);
  expect(code).toBe(13);
  expect(error?.code).toBe('key-missing');
  expect(error?.detail).toContain(fingerprint('rsa'));
  expect(error?.detail).toMatch(new RegExp(`a\\.asc: ${fingerprint('other')}; b\\.html: .*no valid OpenPGP`));
  expect((await verify(only(signed, 'rsa-new'), [fingerprint('rsa')], {})).error?.detail).toContain('no key file');
});

/** Damage, as a function of the bytes. */
const DAMAGE: readonly (readonly [string, string, (rpm: Buffer) => Buffer])[] = [
  ['cut off in the payload', 'rsa-new', (rpm) => rpm.subarray(0, rpm.length - 100)],
  ['cut off in the header', 'rsa-new', (rpm) => rpm.subarray(0, 700)],
  ['an error page', 'rsa-new', () => Buffer.from('<html>404</html>')],
  ['a byte more', 'rsa-new', (rpm) => Buffer.concat([rpm, Buffer.from('x')])],
  ['a byte of the payload', 'rsa-new', (rpm) => flipped(rpm, rpm.length - 5000)],
  ['a byte of a payload that only MD5 and a signature protect', 'rsa-old-both', (rpm) => flipped(rpm, rpm.length - 9)],
  ['a byte of the header', 'rsa-old-both', (rpm) => flipped(rpm, rpm.indexOf('payload\0'))],
];
test.concurrent.each(DAMAGE)('damaged: %s', async (_, name, damage) => {
  const { code, error, lines } = await byRsa(damage(only(signed, name)));
  expect(code, lines.join('\n')).toBe(12);
  expect(error?.code).toBe('srpm-damaged');
});

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

test.concurrent('wrong settings', async () => {
  const { code, error } = await verify(only(signed, 'rsa-new'), ['C105B9DE'], { k: only(made, 'rsa.asc') });
  expect(code).toBe(64);
  expect(error?.detail).toBe('not a fingerprint: C105B9DE');
});
