import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readKey } from '../../pipeline/rpm/openpgp-key.ts';
import { containersCreatedDuring } from '../helpers/engine-objects.ts';
import { expectCode, type Finished, stepsOf, workplace, type Workplace } from '../helpers/run-factory.ts';
import { signingKey } from '../helpers/signing-key.ts';
import { startServe } from '../helpers/start-serve.ts';
import { formsOf, imageDescriptions, watchSecrets } from '../helpers/watch-secrets.ts';

/** Keys of one's own on the small recipe, through the command line; each test goes on from the one before. */
const PASSPHRASE = `canary "${randomBytes(6).toString('hex')}" $x \\`;
let place: Workplace;
const path = (name: string): string => join(place.dir, name);
const text = (name: string): Promise<string> => readFile(path(name), 'latin1');
const signers = ['snapshot', 'signing-key', 'sign:hello-director', 'sign:hello-backend'];
let fingerprint = '';
let targetImage = '';

beforeAll(async () => {
  place = await workplace();
  await writeFile(path('passphrase'), `${PASSPHRASE}\n`);
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
});

/** What of a secret key nobody may see: its lines and bytes, but for those that are in the public key too. */
async function secretsOf(name: string): Promise<{ readonly texts: string[]; readonly bytes: Buffer }> {
  const [secret, open] = [await text(name), await text(`${name}.pub`)];
  const texts = secret.split('\n').filter((line) => /^[A-Za-z0-9+/]{64}$/.test(line) && !open.includes(line));
  expect(texts.length).toBeGreaterThan(5);
  return { texts, bytes: Buffer.from(texts[3] ?? '', 'base64') };
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function expectNowhere(runs: readonly Finished[], secrets: readonly (string | Buffer)[]): Promise<void> {
  const needles = secrets.flatMap((secret): (string | Buffer)[] =>
    typeof secret === 'string' ? formsOf(secret) : [secret],
  );
  const leaks: string[] = [];
  const look = (where: string, bytes: Buffer): void => {
    for (const [at, needle] of needles.entries()) if (bytes.includes(needle)) leaks.push(`${where}: needle ${at}`);
  };
  const files = await filesBelow(place.artifacts);
  for (const file of files) look(file, await readFile(file));
  for (const run of runs) look('output', Buffer.from(run.stdout + run.stderr + JSON.stringify(run.events)));
  const images = await imageDescriptions();
  for (const [id, description] of images) look(`image ${id}`, Buffer.from(description));
  expect(leaks).toEqual([]);
  // Otherwise nothing was looked at.
  expect(images.size).toBeGreaterThan(1);
  for (const part of ['store/', 'ledger/', 'runs/', 'repository/', 'events.jsonl', '.log'])
    expect(
      files.some((file) => file.slice(place.artifacts.length).includes(part)),
      part,
    ).toBe(true);
}

const current = async (): Promise<{ id: string; dir: string }> => {
  const root = join(place.artifacts, 'repository/hello');
  const id = (await readFile(join(root, 'current'), 'utf8')).trim();
  return { id, dir: join(root, 'snapshots', id) };
};

test('key new makes a key that only its owner can read', async () => {
  expectCode(await place.run(['key', 'show']), 2);
  const wish = ['--name', 'Own Key', '--email', 'own@example.invalid', '--bits', '2048'];
  const made = await place.run([
    'key',
    'new',
    ...wish,
    '--out',
    path('own.asc'),
    '--passphrase-file',
    path('passphrase'),
  ]);
  expectCode(made, 0);
  expect((await stat(path('own.asc'))).mode & 0o777).toBe(0o600);
  const info = readKey(await text('own.asc'));
  expect(info).toMatchObject({ algorithm: 'RSA', bits: 2048, secret: 'protected', isDemo: false });
  ({ fingerprint } = info);
  expect(made.stdout).toContain(fingerprint);
  const { texts, bytes } = await secretsOf('own.asc');
  for (const file of await filesBelow(place.artifacts))
    for (const needle of [...texts, bytes, PASSPHRASE])
      expect((await readFile(file)).includes(needle), file).toBe(false);

  const again = await place.run(['key', 'new', '--out', path('own.asc')]);
  expectCode(again, 2);
  expect(again.stderr).toContain('exists already');
  const shown = await place.run(['key', 'show', path('own.asc.pub')]);
  expectCode(shown, 0);
  for (const part of [fingerprint, 'RSA, 2048 bits', 'Own Key <own@example.invalid>', 'own key'])
    expect(shown.stdout).toContain(part);
  expectCode(await place.run(['key', 'new', '--bits', '2048', '--out', path('next.asc')]), 0);
});

test('a wrong passphrase is one clear error, early, and neither it nor the key is in any message', async () => {
  const wrong = `wrong-${randomBytes(8).toString('hex')}`;
  const env = { FACTORY_SIGNING_KEY: await text('own.asc'), FACTORY_SIGNING_PASSPHRASE: wrong };
  const run = await place.run(['build', '--only', 'signing-key', '--json'], { env });
  expectCode(run, 4);
  const failures = run.events.flatMap((event) => (event.type === 'step-failed' ? [event.failure] : []));
  expect(failures).toMatchObject([{ kind: 'StepFailed', code: 'wrong-passphrase' }]);
  const told = await place.run(['build', '--only', 'signing-key'], { env });
  expect(told.stderr).toContain(`the passphrase that was given is not that of ${fingerprint}`);
  const { texts, bytes } = await secretsOf('own.asc');
  await expectNowhereYet([run, told], [wrong, ...texts, bytes]);
});

/** Before anything was published: there is no repository to look into. */
async function expectNowhereYet(runs: readonly Finished[], needles: readonly (string | Buffer)[]): Promise<void> {
  for (const file of await filesBelow(place.artifacts))
    for (const needle of needles) expect((await readFile(file)).includes(needle), file).toBe(false);
  for (const run of runs)
    for (const needle of needles)
      expect(Buffer.from(run.stdout + run.stderr + JSON.stringify(run.events)).includes(needle)).toBe(false);
}

test('a publish with key and passphrase in the environment shows them to nobody', async () => {
  const { texts, bytes } = await secretsOf('own.asc');
  const env = { FACTORY_SIGNING_KEY: await text('own.asc'), FACTORY_SIGNING_PASSPHRASE: PASSPHRASE };
  let published: Finished | undefined;
  const watched = await watchSecrets(place.artifacts, [PASSPHRASE, ...texts], async () => {
    published = await place.run(['publish', '--json'], { env });
  });
  if (published === undefined) throw new Error('nothing ran');
  expectCode(published, 0);
  expect(watched.leaks).toEqual([]);
  for (const step of signers) expect([...watched.steps]).toContain(step);
  expect(watched.sawProcess('sign-rpms.sh')).toBe(true);
  const made = published.events.flatMap((event) => (event.type === 'step-made' ? event.record.outputs : []));
  targetImage = made.find(({ name }) => name === 'debian-target')?.engineId ?? '';
  await expectNowhere([published], [PASSPHRASE, ...texts, bytes]);
});

test('the snapshot is signed with the own key, and nothing says demo', async () => {
  const { dir } = await current();
  const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as unknown;
  expect(manifest).toMatchObject({ signedBy: fingerprint, demoKey: false });
  expect(await readFile(join(dir, 'index.html'), 'utf8')).not.toContain('demo key');
  expect(readKey(await readFile(join(dir, 'RPM-GPG-KEY-factory'), 'latin1')).fingerprint).toBe(fingerprint);
  const verified = await place.run(['verify', '--json']);
  expectCode(verified, 0);
  expect(JSON.parse(verified.stdout)).toMatchObject({ snapshots: [{ problems: [] }] });
});

test('the same key again, from files: nothing is signed again', async () => {
  const args = ['--signing-key', path('own.asc'), '--signing-passphrase-file', path('passphrase')];
  const created = await containersCreatedDuring(place.artifacts, async () => {
    const again = await place.run(['publish', '--json', ...args]);
    expectCode(again, 0);
    expect(stepsOf(again, 'step-started')).toEqual([]);
  });
  expect(created).toBe(0);
});

test('another key signs again and makes nothing else; old snapshots stay verifiable, and can be gone back to', async () => {
  const before = await current();
  const next = readKey(await text('next.asc')).fingerprint;
  const rotated = await place.run(['key', 'rotate', '--signing-key', path('next.asc'), '--json']);
  expectCode(rotated, 0);
  const started = stepsOf(rotated, 'step-started');
  expect(started).toEqual(expect.arrayContaining(signers));
  expect(started.filter((step) => /^(rebuild|assemble|fetch|builder|base)/.test(step))).toEqual([]);
  expect(rotated.stdout).toContain(`"before":"${fingerprint}"`);

  const root = join(place.artifacts, 'repository/hello');
  expect((await readdir(join(root, 'keys'))).sort()).toEqual([`${fingerprint}.asc`, `${next}.asc`].sort());
  expect(readKey(await readFile(join(root, 'RPM-GPG-KEY-factory'), 'latin1')).fingerprint).toBe(next);
  const repo = await readFile(join(root, 'fullnat-hello.repo'), 'utf8');
  expect(repo).toContain(`/RPM-GPG-KEY-factory http://127.0.0.1:8080/hello/keys/${fingerprint}.asc\n`);
  expect((await current()).id).not.toBe(before.id);
  expectCode(await place.run(['verify']), 0);
  // The pointer is signed by whoever publishes now, whatever signed the snapshot.
  const keyless = await place.run(['rollback', before.id]);
  expectCode(keyless, 2);
  expect(keyless.stderr).toContain(`hosts of hello know ${[fingerprint, next].sort().join(', ')}`);
  expectCode(await place.run(['rollback', before.id, '--signing-key', path('next.asc')]), 0);
  expect((await current()).id).toBe(before.id);
  await hostInstalls();

  const args = ['--signing-key', path('next.asc')];
  expectCode(await place.run(['publish', ...args]), 0);
  await hostInstalls();
  expectCode(await place.run(['key', 'rotate', ...args]), 2);

  expectCode(await place.run(['prune', '--keep', '1']), 0);
  expect(await readFile(join(root, 'fullnat-hello.repo'), 'utf8')).not.toContain(fingerprint);
  expectCode(await place.run(['verify']), 0);
});

test('an agent that keeps the secret signs too: only its socket is in the signing containers', async () => {
  await using agent = await startAgent();
  const env = { GNUPGHOME: agent.home };
  const { texts, bytes } = await secretsOf('own.asc');
  let rotated: Finished | undefined;
  const watched = await watchSecrets(place.artifacts, [PASSPHRASE, ...texts], async () => {
    rotated = await place.run(['key', 'rotate', '--signing-agent', fingerprint.toLowerCase(), '--json'], { env });
  });
  if (rotated === undefined) throw new Error('nothing ran');
  expectCode(rotated, 0);
  expect(stepsOf(rotated, 'step-started')).toEqual(expect.arrayContaining([...signers, 'publish']));
  expect(watched.leaks).toEqual([]);
  expect(watched.sawProcess('sign-rpms.sh')).toBe(true);
  await expectNowhere([rotated], [PASSPHRASE, ...texts, bytes]);
  for (const [step, binds] of watched.binds) {
    expect([...signers, 'publish']).toContain(step);
    expect(binds).toEqual([join(agent.home, 'S.gpg-agent.extra')]);
  }
  expect(watched.binds.size).toBeGreaterThan(0);
  expect(await readFile(path('asked'), 'utf8')).toContain('asked');

  const { dir } = await current();
  expect(readKey(await readFile(join(dir, 'RPM-GPG-KEY-factory'), 'latin1')).fingerprint).toBe(fingerprint);
  expectCode(await place.run(['verify']), 0);
  await hostInstalls();
  // To a plan it is the same key, wherever its secret is.
  const file = ['--signing-key', path('own.asc'), '--signing-passphrase-file', path('passphrase')];
  const again = await place.run(['publish', '--json', ...file]);
  expectCode(again, 0);
  expect(stepsOf(again, 'step-started')).toEqual([]);

  const unknown = await place.run(['publish', '--signing-agent', '0'.repeat(40)], { env });
  expectCode(unknown, 2);
  expect(unknown.stderr).toContain('has no key 0000');
  const secretless = await place.run(['build', '--only', 'signing-key', '--signing-agent', agent.public], { env });
  expectCode(secretless, 4);
  expect(secretless.stderr).toContain('the gpg-agent does not answer, or has not the secret of this key');
});

/**
 * A gpg-agent with the secret of own.asc, whose pinentry types the passphrase; the keyring beside it knows another key too, of
 * which the agent has no secret: `public` is its fingerprint.
 */
async function startAgent(): Promise<AsyncDisposable & { readonly home: string; readonly public: string }> {
  const home = path('gnupg');
  await mkdir(home, { mode: 0o700 });
  const pinentry = [
    '#!/bin/sh',
    'echo OK',
    'while read -r command rest; do',
    `  if [ "$command" = GETPIN ]; then echo asked >>'${path('asked')}'; printf 'D '; cat '${path('passphrase')}'; fi`,
    '  echo OK',
    '  if [ "$command" = BYE ]; then exit; fi',
    'done',
  ];
  await writeFile(path('pinentry'), `${pinentry.join('\n')}\n`, { mode: 0o755 });
  await writeFile(join(home, 'gpg-agent.conf'), `pinentry-program ${path('pinentry')}\n`);
  const stranger = signingKey();
  await writeFile(path('stranger.asc'), stranger.publicKey);
  for (const file of ['own.asc', 'stranger.asc'])
    await promisify(execFile)('gpg', ['--homedir', home, '--batch', '--import', path(file)]);
  return {
    home,
    public: stranger.fingerprint,
    async [Symbol.asyncDispose]() {
      await promisify(execFile)('gpgconf', ['--homedir', home, '--kill', 'all']);
    },
  };
}

test('without a key of its own a snapshot is signed with a demo key, and everything says so', async () => {
  expectCode(await place.run(['publish']), 0);
  const { dir } = await current();
  expect(JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8'))).toMatchObject({ demoKey: true });
  expect(await readFile(join(dir, 'index.html'), 'utf8')).toContain('demo key');
  const info = readKey(await readFile(join(dir, 'RPM-GPG-KEY-factory'), 'latin1'));
  expect(info.userIds).toEqual(['hello tests (DEMO KEY, not for production) <hello@fullnat-factory.invalid>']);
  const shown = await place.run(['key', 'show']);
  expectCode(shown, 0);
  expect(shown.stdout).toContain(info.fingerprint);
  expect(shown.stdout).toContain('demo key');
});

/** A clean host takes the .repo file from factory serve, with every key in it, and installs what is current. */
async function hostInstalls(): Promise<void> {
  const { dir } = await current();
  await using server = await startServe(place);
  const repo = await (await fetch(`${server.url}/hello/fullnat-hello.repo`)).text();
  const keys = /^gpgkey=(.*)$/m.exec(repo)?.[1]?.split(' ') ?? [];
  for (const url of keys) expect(readKey(await (await fetch(url)).text()).secret).toBe('none');
  const script = [
    'set -e',
    'mkdir -p /etc/yum.repos.d',
    `python3 -c "import urllib.request as u; print(u.urlopen('${server.url}/hello/fullnat-hello.repo').read().decode())" >/etc/yum.repos.d/hello.repo`,
    'dnf -y --setopt=skip_if_unavailable=0 --enablerepo=fullnat-hello install hello >/dev/null',
    "rpm -q --qf '%{RSAHEADER:pgpsig}' hello",
  ].join('\n');
  const { stdout } = await promisify(execFile)('docker', [
    ...['run', '--rm', '--network', 'host', '--user', '0', targetImage, '/bin/bash', '-c', script],
  ]);
  const signer = readKey(await readFile(join(dir, 'RPM-GPG-KEY-factory'), 'latin1')).fingerprint;
  expect(stdout).toContain(`Key ID ${signer.slice(24).toLowerCase()}`);
}
