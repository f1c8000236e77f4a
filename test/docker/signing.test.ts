import { beforeAll, describe, expect, test } from 'vitest';
import { readKey } from '../../pipeline/rpm/openpgp-key.ts';
import { only, stepRig, type Contents, type StepRig, type StepRun } from './step-rig.ts';

const PASSPHRASE = 'correct "horse" $battery `staple` \\ é';

/** Keys that gpg makes, and a package without a signature. */
const MAKE = `
export GNUPGHOME=$(mktemp -d); cd "$GNUPGHOME"
for kind in "plain Key-Type:RSA Key-Length:2048" "other Key-Type:RSA Key-Length:2048" "curve Key-Type:EDDSA Key-Curve:ed25519" "short Key-Type:RSA Key-Length:1024"; do
  set -- $kind
  printf '%s\\n' %no-protection "\${2/:/: }" "\${3/:/: }" 'Key-Usage: sign' "Name-Real: $1" "Name-Email: $1@example.invalid" %commit >$1.batch
  gpg --batch --quiet --full-generate-key $1.batch
  gpg --batch --armor --export-secret-keys $1 >/out/$1.asc
done
gpg --batch --quiet --passphrase '' --quick-set-expire $(gpg --with-colons --list-keys other | awk -F: '$1 == "fpr" {print $10}') seconds=1 2>/dev/null
sleep 2
gpg --batch --armor --export-secret-keys other >/out/expired.asc
mkdir SOURCES; head -c 2000 /dev/urandom >SOURCES/payload
printf '%s\\n' 'Name: tiny' 'Version: 1' 'Release: 1' 'Summary: x' 'License: x' 'Source0: payload' %description x >tiny.spec
rpmbuild -bs --nodeps --define "_topdir $PWD" tiny.spec
cp SRPMS/*.src.rpm /out/tiny.src.rpm`;

let rig: StepRig;
let made: ReadonlyMap<string, Buffer>;
let guarded: StepRun;
const text = (name: string): string => only(made, name).toString('latin1');

function makeKey(stdin: string): Promise<StepRun> {
  return rig.step(
    'make-key.sh',
    { KEY_NAME: 'Signing Tests', KEY_EMAIL: 'signing@example.invalid', KEY_COMMENT: 'for a test', KEY_BITS: '2048' },
    {},
    stdin,
  );
}
const secret = (run: StepRun): string => only(run.outputs, 'secret.asc').toString('latin1');
const sign = (stdin: string, more: Contents = {}, env: Readonly<Record<string, string>> = {}): Promise<StepRun> =>
  rig.step('sign-rpms.sh', env, { 'in/rpms/sub/tiny-1-1.src.rpm': only(made, 'tiny.src.rpm'), ...more }, stdin);
const signFile = (stdin: string, more: Contents = {}, env: Readonly<Record<string, string>> = {}): Promise<StepRun> =>
  rig.step('sign-file.sh', env, { 'in/files/repomd.xml': '<repomd/>', ...more }, stdin);

beforeAll(async () => {
  rig = await stepRig();
  made = await rig.make(MAKE);
  guarded = await makeKey(`${PASSPHRASE}\n`);
});

describe('a key with a passphrase', () => {
  test('is made as wished', () => {
    expect(guarded.code).toBe(0);
    expect(readKey(secret(guarded))).toMatchObject({
      algorithm: 'RSA',
      bits: 2048,
      secret: 'protected',
      userIds: ['Signing Tests (for a test) <signing@example.invalid>'],
      fingerprint: guarded.facts.fingerprint,
    });
    const publicKey = readKey(only(guarded.outputs, 'public.asc').toString('latin1'));
    expect(publicKey).toMatchObject({ secret: 'none', fingerprint: guarded.facts.fingerprint });
    expect(publicKey.publicDigest).toBe(readKey(secret(guarded)).publicDigest);
    expect(guarded.lines.join('\n')).not.toContain('horse');
  });

  test('signs several packages and files', async () => {
    const stdin = `${PASSPHRASE}\n${secret(guarded)}`;
    const rpms = await sign(stdin, { 'in/rpms/again.src.rpm': only(made, 'tiny.src.rpm') });
    expect(rpms).toMatchObject({ code: 0, facts: { signed: 2, fingerprint: guarded.facts.fingerprint } });
    expect([...rpms.outputs.keys()].sort()).toEqual(['again.src.rpm', 'sub/tiny-1-1.src.rpm']);
    const files = await signFile(stdin, { 'in/files/SHA256SUMS': 'x' });
    expect(files).toMatchObject({ code: 0, facts: { signed: 2 } });
    expect([...files.outputs.keys()].sort()).toEqual(['SHA256SUMS.asc', 'repomd.xml.asc']);
    for (const line of [...rpms.lines, ...files.lines]) expect(line).not.toMatch(/horse|PRIVATE/);
  });

  test.each(['check-key.sh', 'sign-rpms.sh', 'sign-file.sh'])(
    '%s: a wrong or missing passphrase is one clear error',
    async (script) => {
      const files = { 'in/rpms/tiny-1-1.src.rpm': only(made, 'tiny.src.rpm'), 'in/files/x': 'x' };
      const run = (passphrase: string): Promise<StepRun> =>
        rig.step(
          script,
          { FINGERPRINT: String(guarded.facts.fingerprint) },
          files,
          `${passphrase}\n${secret(guarded)}`,
        );
      const wrong = await run('Tr0ub4dor');
      expect(wrong).toMatchObject({ code: 10, error: { code: 'wrong-passphrase' } });
      expect(wrong.error?.detail).toBe(`the passphrase that was given is not that of ${guarded.facts.fingerprint}`);
      expect(wrong.outputs.size).toBe(0);
      expect(wrong.lines.join('\n')).not.toContain('Tr0ub4dor');
      expect((await run('')).error?.detail).toMatch(/is protected by a passphrase, and none was given$/);
    },
  );
});

test('a key that was checked gives its public half, and only if it is the one', async () => {
  const run = (fingerprint: string): Promise<StepRun> =>
    rig.step('check-key.sh', { FINGERPRINT: fingerprint }, {}, `\n${text('plain.asc')}`);
  const { fingerprint } = readKey(text('plain.asc'));
  const good = await run(fingerprint);
  expect(good.code).toBe(0);
  expect([...good.outputs.keys()]).toEqual(['public.asc']);
  expect(readKey(only(good.outputs, 'public.asc').toString('latin1')).fingerprint).toBe(fingerprint);
  expect((await run('0'.repeat(40))).error).toMatchObject({ code: 'key-unusable' });
});

test.each([
  ['a curve', 'curve.asc', /no RSA key of at least 2048 bits/],
  ['a short key', 'short.asc', /no RSA key of at least 2048 bits/],
  ['an expired key', 'expired.asc', /has expired/],
] as const)('%s is refused', async (_, name, detail) => {
  const { code, error } = await sign(`\n${text(name)}`);
  expect(code).toBe(10);
  expect(error?.code).toBe('key-unusable');
  expect(error?.detail).toMatch(detail);
});

test.each([
  ['nothing', ''],
  ['no key', '\nnothing\n'],
])('%s on standard input is refused', async (_, stdin) => {
  expect(await sign(stdin)).toMatchObject({ code: 10, error: { code: 'key-unusable' } });
});

/** In front of the real programs: each does its work wrong in a way of its own, and says that all is well. */
describe('every signature is verified by another program', () => {
  const PATH = '/in/bin:/usr/local/bin:/usr/bin:/bin';
  const last = 'rpm=${@: -1}';

  test.each([
    ['signs nothing', '#!/bin/bash\nexit 0\n'],
    [
      'signs with another key',
      `#!/bin/bash
export GNUPGHOME=$(mktemp -d)
gpg --batch --quiet --import /in/other.asc
${last}
exec /usr/bin/rpmsign --define '_gpg_name other' --define '_gpg_digest_algo sha256' --define '__gpg /usr/bin/gpg' --resign "$rpm" </dev/null
`,
    ],
    [
      'damages the package afterwards',
      `#!/bin/bash
/usr/bin/rpmsign "$@" || exit 1
${last}
printf '\\377\\377\\377\\377' | dd of="$rpm" bs=1 seek=$(($(stat -c %s "$rpm") - 4)) conv=notrunc status=none
`,
    ],
  ])('rpmsign that %s', async (_, program) => {
    const files = { 'in/bin/rpmsign': program, 'in/other.asc': text('other.asc') };
    const { code, error } = await sign(`\n${text('plain.asc')}`, files, { PATH });
    expect(code).toBe(11);
    expect(error?.code).toBe('not-signed');
    expect(error?.detail).toMatch(/^sub\/tiny-1-1\.src\.rpm (does not verify|is not signed by [0-9A-F]{40})$/);
  });

  test.each([
    ['signs other bytes', `printf other >/tmp/other; exec /usr/bin/gpg "\${@:1:$#-1}" /tmp/other`],
    [
      'signs with another key',
      `out=$(printf '%s\\n' "$@" | grep '^/out/'); export GNUPGHOME=$(mktemp -d)
/usr/bin/gpg --batch --quiet --import /in/other.asc; exec /usr/bin/gpg --batch --armor --detach-sign --output "$out" "\${@: -1}"`,
    ],
  ])('gpg that %s', async (_, wrong) => {
    const program = `#!/bin/bash\ncase "\${@: -1}" in /in/files/*) ${wrong} ;; esac\nexec /usr/bin/gpg "$@"\n`;
    const files = { 'in/bin/gpg': program, 'in/other.asc': text('other.asc') };
    const { code, error } = await signFile(`\n${text('plain.asc')}`, files, { PATH });
    expect(code).toBe(11);
    expect(error?.detail).toMatch(/^the new signature of repomd\.xml does not verify with [0-9A-F]{40}$/);
  });
});
