import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { targetSteps } from '../plan/targets.ts';
import { readKey } from '../rpm/openpgp-key.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { errorCode } from '../store/durable.ts';
import { exitCodeOfRun, runSteps } from './run.ts';
import { openSession } from './session.ts';
import type { CommonOptions, World } from './world.ts';

const KEY = 'RPM-GPG-KEY-factory';

/**
 * `factory key rotate --signing-key NEW`: publishes with another key. It is a publish, so nothing is built again and hosts see
 * the change in one step; what it adds is that it refuses when the key is none or the same, and says what hosts will see.
 * Snapshots that are there stay signed with the key that signed them: nothing that was published ever changes.
 */
export async function keyRotate(world: World, options: CommonOptions): Promise<number> {
  const session = await openSession(world, options);
  const { signingKey, recipe } = session;
  if (signingKey === undefined)
    throw usage(
      'factory key rotate needs the new key',
      'Give it with --signing-key FILE or in FACTORY_SIGNING_KEY. A new one: bin/factory key new --out FILE.',
    );
  const repository = session.tools.repository(recipe.name);
  const before = await fingerprintAt(join(repository.root, KEY));
  if (before === signingKey.fingerprint)
    throw usage(
      `${recipe.name} is published with ${before} already`,
      'Give another key: bin/factory key new --out FILE.',
    );
  const outcome = await runSteps(session, { only: targetSteps(session.plan, recipe, ['publish']) });
  if (!outcome.ok) return exitCodeOfRun(outcome);

  const ids = await repository.snapshots();
  const signers = await Promise.all(ids.map((id) => fingerprintAt(join(repository.snapshotDir(id), KEY))));
  const old = ids.filter((_, at) => signers[at] !== signingKey.fingerprint);
  const report = { recipe: recipe.name, before: before ?? null, now: signingKey.fingerprint, signedBefore: old };
  const lines = [
    `before  ${report.before ?? 'nothing was published'}`,
    `now     ${report.now}`,
    `${old.length} of ${ids.length} snapshots stay signed with the keys that signed them; those keys stay in ${repository.root}/keys/`,
    'Hosts: yum and dnf find the new key at the address that they know (gpgkey=) and ask before they take it.',
    'Was the old key stolen? Then remove its snapshots (bin/factory prune --keep 1): the .repo file names it no longer. On every',
    'host: take that .repo file, and rpm -e gpg-pubkey-<last 8 digits of the old fingerprint in lower case>.',
  ];
  world.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${lines.join('\n')}\n`);
  return EXIT.ok;
}

async function fingerprintAt(path: string): Promise<string | undefined> {
  try {
    return readKey(await readFile(path, 'latin1')).fingerprint;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    // What is no key signed nothing that a client accepts.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function usage(message: string, advice: string): FactoryError {
  return new FactoryError({ kind: 'Usage', message, advice });
}
