import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { KeyInfo } from '../rpm/openpgp-key.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { errorCode } from '../store/durable.ts';
import { keyInfo } from './key-own.ts';
import { openSession } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/** `factory key show [FILE]`: a key file; without one the key that signs here, given or made. */
export async function keyShow(world: World, options: CommonOptions, file: string | undefined): Promise<number> {
  const info = file === undefined ? await ofThisPlace(world, options) : await ofFile(world, file);
  world.stdout.write(options.json ? `${JSON.stringify(info)}\n` : `${keyLines(info).join('\n')}\n`);
  return EXIT.ok;
}

const SECRET: Readonly<Record<KeyInfo['secret'], string>> = {
  none: 'public key only',
  plain: 'not protected by a passphrase',
  protected: 'protected by a passphrase',
  stub: 'not here: only subkeys are',
};

/** What a key is, for people. */
export function keyLines(info: KeyInfo): string[] {
  return [
    `fingerprint  ${info.fingerprint}`,
    `algorithm    ${info.algorithm}${info.bits === null ? '' : `, ${info.bits} bits`}`,
    ...info.userIds.map((userId) => `user id      ${userId}`),
    `created      ${info.created.toISOString()}`,
    `secret       ${SECRET[info.secret]}`,
    `kind         ${info.isDemo ? 'demo key: made by the factory for trying things out, not for production' : 'own key'}`,
  ];
}

async function ofFile(world: World, file: string): Promise<KeyInfo> {
  const text = await readFile(resolve(world.cwd, file), 'latin1').catch((error: unknown) => {
    throw usage(`${file} cannot be read (${errorCode(error) ?? 'unknown error'})`);
  });
  return keyInfo(text, file);
}

async function ofThisPlace(world: World, options: CommonOptions): Promise<KeyInfo> {
  const session = await openSession(world, options);
  if (session.signingKey !== undefined) return session.signingKey;
  const record = await session.ledger.latest('signing-key');
  const [key] = record?.outputs ?? [];
  if (key === undefined)
    throw usage(`recipe ${session.recipe.name} has no signing key yet: it is made when the first package is signed`);
  return keyInfo((await session.tools.store.read(key.digest)).toString('latin1'), key.name);
}

function usage(message: string): FactoryError {
  return new FactoryError({
    kind: 'Usage',
    message,
    advice: 'bin/factory key show FILE shows any armored key; bin/factory key new --out FILE makes one.',
  });
}
