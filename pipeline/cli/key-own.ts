import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { PlanOptions } from '../plan/plan-factory.ts';
import { type KeyInfo, readKey } from '../rpm/openpgp-key.ts';
import { errorCode } from '../store/durable.ts';
import { FactoryError } from '../run/failure.ts';
import type { AgentKey, Host, SecretKey } from '../tools/tools.ts';
import type { CommonOptions, World } from './world.ts';

/** What plans and people may know of the user's own signing key. */
interface Known {
  readonly fingerprint: string;
  readonly info: KeyInfo;
}

/** The user's own signing key: the rest of it goes to signing containers. */
export type OwnKey = (SecretKey | AgentKey) & Known;

type PlannedKey = NonNullable<PlanOptions['signingKey']>;

/** rpm of EL6 (4.8) knows neither EdDSA nor ECDSA; shorter keys are broken or close to it. */
const LEAST_BITS = 2048;

/**
 * The key of `--signing-key FILE`, or else of FACTORY_SIGNING_KEY, with the passphrase of `--signing-passphrase-file FILE`,
 * or else of FACTORY_SIGNING_PASSPHRASE; undefined without either. No message holds anything of key or passphrase. Failures:
 * Usage (unreadable, no secret key, not RSA of 2048 bits or more, protected and no passphrase).
 */
export async function readOwnKey(world: World, options: CommonOptions): Promise<(SecretKey & Known) | undefined> {
  const found = await keyText(world, options);
  if (found === undefined) return undefined;
  const info = secretKeyInfo(found.text, found.from);
  const passphrase = await passphraseOf(world, options);
  if (info.secret === 'protected' && passphrase === '')
    throw unusable(
      found.from,
      'it is protected by a passphrase, and none was given',
      'Give it with --signing-passphrase-file FILE or in FACTORY_SIGNING_PASSPHRASE.',
    );
  return { armored: Buffer.from(found.text), passphrase, fingerprint: info.fingerprint, info };
}

/**
 * The key of `--signing-agent FINGERPRINT`, or else of FACTORY_SIGNING_AGENT; undefined without either, and where a key is given
 * with `--signing-key`. Failures: Usage (no such key, not RSA of 2048 bits or more, an engine elsewhere, two keys at once).
 */
export async function readAgentKey(
  { env }: World,
  { signingKey, signingAgent, engine }: CommonOptions,
  host: Host,
): Promise<OwnKey | undefined> {
  const given = signingAgent ?? (signingKey === undefined ? env.FACTORY_SIGNING_AGENT : undefined) ?? '';
  if (given.trim() === '') return undefined;
  const fingerprint = given.replaceAll(' ', '').toUpperCase();
  if (!/^[0-9A-F]{40}$/.test(fingerprint)) throw usage('--signing-agent takes a fingerprint of 40 hexadecimal digits');
  if (signingKey !== undefined || (env.FACTORY_SIGNING_KEY ?? '').trim() !== '')
    throw usage('a signing key and a signing agent were given', 'Give one of both.');
  const endpoint = engine ?? env.DOCKER_HOST ?? '';
  if (endpoint !== '' && !endpoint.startsWith('unix://'))
    throw usage(
      `--signing-agent needs an engine on this machine, and ${endpoint} is not: it cannot reach the agent's socket`,
      'Use the local engine for signing, or give the key with --signing-key FILE.',
    );
  const key = await host.signingAgent(fingerprint);
  const info = keyInfo(key.publicKey.toString('latin1'), '--signing-agent');
  if (info.fingerprint !== fingerprint)
    throw unusable('--signing-agent', `${fingerprint} is a subkey of ${info.fingerprint}, and only that may sign`);
  mustBeStrongRsa(info, '--signing-agent');
  return { ...key, fingerprint, info };
}

/** What must not be seen in any log, event or message: the passphrase, and the key line by line, as programs print. */
export function secretWords(key: SecretKey | AgentKey): string[] {
  // What an agent keeps nobody here has.
  if ('socket' in key) return [];
  const { armored, passphrase } = key;
  const lines = armored.toString('latin1').split(/\r?\n/);
  return [passphrase, ...lines.filter((line) => /^[A-Za-z0-9+/=]{16,}$/.test(line))].filter((word) => word !== '');
}

/** What a plan may know of a key: its user id and its public half. */
export function signingKeyParams({ fingerprint, publicDigest, userIds }: KeyInfo): PlannedKey {
  const [, name = '', email = ''] = /^(.*?) *(?:<(.*)>)?$/.exec(userIds[0] ?? '') ?? [];
  return { name, email, own: { fingerprint, publicDigest } };
}

/** The first line of a file with a passphrase. `option` is named in messages; path and contents are not. Failures: Usage. */
export async function readPassphrase(path: string, cwd: string, option: string): Promise<string> {
  const text = await readFile(resolve(cwd, path), 'utf8').catch((error: unknown) => {
    throw usage(`the file of ${option} cannot be read (${errorCode(error) ?? 'unknown error'})`);
  });
  return oneLine(text, `the file of ${option}`);
}

/** A key and where it is from, in words. */
async function keyText(
  world: World,
  { signingKey }: CommonOptions,
): Promise<{ text: string; from: string } | undefined> {
  const { FACTORY_SIGNING_KEY: given } = world.env;
  if (signingKey === undefined)
    return given === undefined || given.trim() === '' ? undefined : { text: given, from: 'FACTORY_SIGNING_KEY' };
  if (signingKey.includes('-----BEGIN'))
    throw usage('--signing-key takes the name of a file', 'The key itself goes into FACTORY_SIGNING_KEY.');
  const text = await readFile(resolve(world.cwd, signingKey), 'latin1').catch((error: unknown) => {
    throw usage(`--signing-key ${signingKey} cannot be read (${errorCode(error) ?? 'unknown error'})`);
  });
  return { text, from: `--signing-key ${signingKey}` };
}

async function passphraseOf({ env, cwd }: World, { signingPassphraseFile }: CommonOptions): Promise<string> {
  if (signingPassphraseFile !== undefined)
    return readPassphrase(signingPassphraseFile, cwd, '--signing-passphrase-file');
  return oneLine(env.FACTORY_SIGNING_PASSPHRASE ?? '', 'FACTORY_SIGNING_PASSPHRASE');
}

function oneLine(text: string, from: string): string {
  const line = text.replace(/\r?\n$/, '');
  if (/[\r\n\0]/.test(line)) throw usage(`${from} holds more than one line, and a passphrase is one`);
  return line;
}

function secretKeyInfo(text: string, from: string): KeyInfo {
  const info = keyInfo(text, from);
  const { secret } = info;
  if (secret === 'none') throw unusable(from, 'it is a public key; signing needs the secret one');
  if (secret === 'stub')
    throw unusable(from, "it lacks the secret of the primary key, and rpm of EL6 accepts no subkey's");
  mustBeStrongRsa(info, from);
  return info;
}

function mustBeStrongRsa({ algorithm, bits }: KeyInfo, from: string): void {
  const what = bits === null ? algorithm : `${algorithm} with ${bits} bits`;
  if (algorithm !== 'RSA' || bits === null || bits < LEAST_BITS)
    throw unusable(from, `it is ${what}; rpm of EL6 knows only RSA, and the factory wants at least ${LEAST_BITS} bits`);
}

/** What an armored key is. `from` says in messages where it is from. Failures: Usage. */
export function keyInfo(text: string, from: string): KeyInfo {
  try {
    return readKey(text);
  } catch (error) {
    if (error instanceof TypeError) throw unusable(from, error.message);
    throw error;
  }
}

function unusable(from: string, what: string, advice?: string): FactoryError {
  return usage(
    `the signing key (${from}) cannot be used: ${what}`,
    advice ??
      'Export it with gpg --armor --export-secret-keys FINGERPRINT, or make one: bin/factory key new --out FILE.',
  );
}

function usage(message: string, advice?: string): FactoryError {
  return new FactoryError({ kind: 'Usage', message, ...(advice === undefined ? {} : { advice }) });
}
