import { open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readKey } from '../rpm/openpgp-key.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { makeKey, type MadeKey } from '../stages/make-key.ts';
import { createMask } from '../tools/mask.ts';
import { secretWords, readPassphrase } from './key-own.ts';
import { keyLines } from './key-show.ts';
import { loneContext, onlyStep, signingImage } from './lone-step.ts';
import type { OwnOptions } from './program.ts';
import { exitCodeOfRun } from './run.ts';
import { openSession } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory key new --out FILE`: an RSA key for signing, made in the builder image without network. FILE gets the secret half
 * (mode 0600, never overwritten), FILE.pub the public one; neither enters the artifacts directory by itself.
 */
export async function keyNew(world: World, options: CommonOptions, own: OwnOptions): Promise<number> {
  if (own.out === undefined) throw usage('factory key new needs --out FILE', 'It gets the secret key; keep it safe.');
  const bits = own.bits ?? 4096;
  if (bits < 2048 || bits > 4096) throw usage(`--bits ${bits}: RSA keys here have 2048 to 4096 bits`);
  const out = resolve(world.cwd, own.out);
  for (const path of [out, `${out}.pub`]) await mustNotExist(path);
  const passphrase =
    own.passphraseFile === undefined ? '' : await readPassphrase(own.passphraseFile, world.cwd, '--passphrase-file');

  // A key that is given for signing has nothing to do with the new one.
  const session = await openSession(world, options, { ignoreSigningKey: true });
  const { outcome, image } = await signingImage(session, 'as-asked');
  if (image === undefined) return exitCodeOfRun(outcome);
  const wish = {
    name: own.name ?? session.recipe.signing.name,
    email: own.email ?? session.recipe.signing.email,
    comment: '',
    bits,
    passphrase,
  };
  checkUserId(wish.name, wish.email);
  const mask = createMask([...session.secrets, ...secretWords({ armored: Buffer.alloc(0), passphrase })]);
  const step = onlyStep(session, 'signing-key');
  const context = loneContext({ ...session, mask }, step, { builder: image });
  const made = await makeKey(context, { image, scripts: step.params.scripts }, wish);
  await writeNew(out, made.secret, 0o600);
  await writeNew(`${out}.pub`, made.public, 0o644);
  report(world, options, { out, made, isProtected: passphrase !== '' });
  return EXIT.ok;
}

function report(
  world: World,
  { json }: CommonOptions,
  { out, made, isProtected }: { readonly out: string; readonly made: MadeKey; readonly isProtected: boolean },
): void {
  if (json) {
    world.stdout.write(`${JSON.stringify({ fingerprint: made.fingerprint, secret: out, public: `${out}.pub` })}\n`);
    return;
  }
  const lines = [
    ...keyLines(readKey(made.secret.toString('latin1'))),
    `written      ${out} (secret, mode 0600), ${out}.pub (public)`,
    ...(isProtected ? [] : ['NOT protected by a passphrase: whoever reads the file can sign (--passphrase-file)']),
    `Sign with it: bin/factory publish --signing-key ${out}${isProtected ? ' --signing-passphrase-file FILE' : ''}`,
  ];
  world.stdout.write(`${lines.join('\n')}\n`);
}

/** gpg reads them as lines of a file of parameters. */
function checkUserId(name: string, email: string): void {
  if (/[\p{Cc}<>()]/u.test(name) || name.length < 5) throw usage('--name: at least 5 characters, without ( ) < >');
  if (!/^[^\s<>@()]+@[^\s<>@()]+$/.test(email)) throw usage('--email: not an address');
}

async function mustNotExist(path: string): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  if (found !== undefined) throw usage(`${path} exists already`, 'No key is ever overwritten; take another name.');
}

async function writeNew(path: string, bytes: Buffer, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

function usage(message: string, advice?: string): FactoryError {
  return new FactoryError({ kind: 'Usage', message, ...(advice === undefined ? {} : { advice }) });
}
