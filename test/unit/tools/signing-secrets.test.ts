import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  readAgentKey,
  readOwnKey,
  readPassphrase,
  secretWords,
  signingKeyParams,
} from '../../../pipeline/cli/key-own.ts';
import type { CommonOptions, World } from '../../../pipeline/cli/world.ts';
import { readKey } from '../../../pipeline/rpm/openpgp-key.ts';
import type { Host } from '../../../pipeline/tools/tools.ts';
import { createMask } from '../../../pipeline/tools/mask.ts';
import { armoredKey, publicHalf } from '../../helpers/armored-key.ts';
import { failureOfKind } from '../../helpers/failure.ts';

type Options = Pick<CommonOptions, 'signingKey' | 'signingPassphraseFile'>;

const cwd = mkdtempSync(join(tmpdir(), 'factory-test-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
function file(name: string, text: string): string {
  writeFileSync(join(cwd, name), text);
  return name;
}
/** As the command line calls it, with nothing of this process's environment. */
function read(env: Readonly<Record<string, string>>, options: Options = {}): ReturnType<typeof readOwnKey> {
  return readOwnKey({ env, cwd } as unknown as World, options as CommonOptions);
}

const half = publicHalf();
const PLAIN = armoredKey({}, half);
const GUARDED = armoredKey({ secret: 'protected' }, half);
const PASSPHRASE = 'canary correct horse';

test.each<[string, Partial<CommonOptions>, Readonly<Record<string, string>>, RegExp]>([
  ['no fingerprint', { signingAgent: 'ABC' }, {}, /fingerprint of 40/],
  ['a key as well', { signingAgent: 'A'.repeat(40), signingKey: 'k.asc' }, {}, /a signing key and a signing agent/],
  ['a key as well, in the environment', { signingAgent: 'A'.repeat(40) }, { FACTORY_SIGNING_KEY: PLAIN }, /were given/],
  ['an engine elsewhere', { signingAgent: 'A'.repeat(40), engine: 'tcp://h:2375' }, {}, /engine on this machine/],
  [
    'one elsewhere by DOCKER_HOST',
    { signingAgent: 'A'.repeat(40) },
    { DOCKER_HOST: 'tcp://h' },
    /engine on this machine/,
  ],
])('an agent with %s is one clear error, before it is asked', async (_, options, env, words) => {
  const host = { signingAgent: () => Promise.reject(new Error('was asked')) } as unknown as Host;
  const read = readAgentKey({ env, cwd } as unknown as World, options as CommonOptions, host);
  expect((await failureOfKind('Usage', read)).message).toMatch(words);
});

test('without an agent there is none; a key on the command line wins over one in the environment', async () => {
  const host = { signingAgent: () => Promise.reject(new Error('was asked')) } as unknown as Host;
  const env = { FACTORY_SIGNING_AGENT: 'A'.repeat(40) };
  const world = { env, cwd } as unknown as World;
  expect(await readAgentKey(world, { signingKey: 'k.asc' } as CommonOptions, host)).toBeUndefined();
  expect(await readAgentKey({ ...world, env: {} }, {} as CommonOptions, host)).toBeUndefined();
});

describe('where a key is from', () => {
  test('nowhere: a demo key signs', async () => {
    expect(await read({})).toBeUndefined();
    expect(await read({ FACTORY_SIGNING_KEY: '', FACTORY_SIGNING_PASSPHRASE: 'x' })).toBeUndefined();
  });

  test('the environment, or a file, which wins', async () => {
    expect(await read({ FACTORY_SIGNING_KEY: PLAIN })).toMatchObject({ passphrase: '', info: { secret: 'plain' } });
    const own = await read(
      { FACTORY_SIGNING_KEY: armoredKey(), FACTORY_SIGNING_PASSPHRASE: 'other' },
      { signingKey: file('key.asc', GUARDED), signingPassphraseFile: file('passphrase', `${PASSPHRASE}\r\n`) },
    );
    expect(own?.passphrase).toBe(PASSPHRASE);
    expect(own?.armored.toString()).toBe(GUARDED);
    expect(own?.fingerprint).toBe(readKey(PLAIN).fingerprint);
  });

  test('a plan learns what everybody may know, the same with another passphrase', async () => {
    const [plain, guarded] = [
      await read({ FACTORY_SIGNING_KEY: PLAIN }),
      await read({ FACTORY_SIGNING_KEY: GUARDED, FACTORY_SIGNING_PASSPHRASE: PASSPHRASE }),
    ];
    if (plain === undefined || guarded === undefined) throw new Error('no key');
    const { fingerprint, publicDigest } = plain.info;
    expect(signingKeyParams(guarded.info)).toEqual({
      name: 'Somebody (test)',
      email: 'somebody@example.invalid',
      own: { fingerprint, publicDigest },
    });
    expect(signingKeyParams(plain.info)).toEqual(signingKeyParams(guarded.info));
  });
});

describe('one clear error, with nothing of key or passphrase', () => {
  const from = (name: string): string => `the signing key (--signing-key ${name}) cannot be used: `;
  test.each<[string, Readonly<Record<string, string>>, Options, string]>([
    [
      'public',
      {},
      { signingKey: file('a', armoredKey({ half: 'PUBLIC' })) },
      `${from('a')}it is a public key; signing needs the secret one`,
    ],
    [
      'a curve',
      {},
      { signingKey: file('b', armoredKey({ algorithm: 'EdDSA' })) },
      `${from('b')}it is EdDSA (ed25519); rpm of EL6 knows only RSA, and the factory wants at least 2048 bits`,
    ],
    [
      'short',
      {},
      { signingKey: file('c', armoredKey({ bits: 1024 })) },
      `${from('c')}it is RSA with 1024 bits; rpm of EL6 knows only RSA, and the factory wants at least 2048 bits`,
    ],
    [
      'a stub',
      {},
      { signingKey: file('d', armoredKey({ secret: 'stub' })) },
      `${from('d')}it lacks the secret of the primary key, and rpm of EL6 accepts no subkey's`,
    ],
    [
      'no passphrase',
      { FACTORY_SIGNING_KEY: GUARDED },
      {},
      'the signing key (FACTORY_SIGNING_KEY) cannot be used: it is protected by a passphrase, and none was given',
    ],
    [
      'no key',
      { FACTORY_SIGNING_KEY: 'canary' },
      {},
      'the signing key (FACTORY_SIGNING_KEY) cannot be used: there is no armored OpenPGP key in it',
    ],
    ['no file', {}, { signingKey: 'nowhere' }, '--signing-key nowhere cannot be read (ENOENT)'],
    ['the key for its file', {}, { signingKey: PLAIN }, '--signing-key takes the name of a file'],
    [
      'the passphrase for its file',
      { FACTORY_SIGNING_KEY: GUARDED },
      { signingPassphraseFile: PASSPHRASE },
      'the file of --signing-passphrase-file cannot be read (ENOENT)',
    ],
    [
      'two lines',
      { FACTORY_SIGNING_KEY: GUARDED, FACTORY_SIGNING_PASSPHRASE: 'canary\ntwo' },
      {},
      'FACTORY_SIGNING_PASSPHRASE holds more than one line, and a passphrase is one',
    ],
  ])('%s', async (_, env, options, message) => {
    const found = await failureOfKind('Usage', read(env, options));
    expect(found.message).toBe(message);
    const secrets = [GUARDED, PLAIN].flatMap((key) => key.split('\n').slice(3, -2));
    for (const secret of ['canary', ...secrets]) expect(JSON.stringify(found)).not.toContain(secret);
  });
});

test('the mask knows the passphrase and the key line by line, as a program would print it', () => {
  const mask = createMask(secretWords({ armored: Buffer.from(GUARDED), passphrase: PASSPHRASE }));
  const printed = [...GUARDED.split('\n'), `gpg: ${PASSPHRASE}!`].map(mask);
  const body = GUARDED.split('\n').slice(3, -4);
  for (const secret of [PASSPHRASE, ...body]) expect(printed.join('\n')).not.toContain(secret);
  expect(printed.filter((line) => line === '***').length).toBeGreaterThanOrEqual(body.length);
  expect(printed.at(-1)).toBe('gpg: ***!');
  expect(secretWords({ armored: Buffer.alloc(0), passphrase: '' })).toEqual([]);
});

test('a file of a passphrase is read whole, but for the end of its line', async () => {
  expect(await readPassphrase(file('spaces', ' a b \n'), cwd, '--x')).toBe(' a b ');
  expect(await readPassphrase(file('bare', 'x'), cwd, '--x')).toBe('x');
  expect((await failureOfKind('Usage', readPassphrase(file('many', 'a\nb\n'), cwd, '--x'))).message).toMatch(
    /more than one line/,
  );
});
