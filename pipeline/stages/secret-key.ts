import type { Artifact } from '../plan/artifact.ts';
import { readKey } from '../rpm/openpgp-key.ts';
import { FactoryError } from '../run/failure.ts';
import type { Tools } from '../tools/tools.ts';
import type { ScriptRun } from './script-run.ts';

const PREFIX = 'RPM-GPG-KEY-';

/** Fingerprint of a `public-key` artifact: part of its name, so that consumers' keys change with the key. */
export function fingerprintOf(key: Artifact<'public-key'>): string {
  return key.name.startsWith(PREFIX) ? key.name.slice(PREFIX.length) : '';
}

/** Whether the key was made by the factory itself: a demo key says so in its user id. */
export async function isDemoKey(tools: Tools, key: Artifact<'public-key'>): Promise<boolean> {
  return readKey((await tools.store.read(key.digest)).toString('latin1')).isDemo;
}

/** What a signing container gets beside the files to sign. */
export type KeyAccess = Pick<ScriptRun, 'stdin' | 'sockets' | 'user' | 'idleSeconds'>;

/** Where the agent's socket is in the container (dockerfiles/steps/lib-key.sh). */
const AGENT = '/run/factory-signing-agent';
/** A person may have to come and type a passphrase, or press a key on a card. */
const PATIENCE_SECONDS = 4 * 3600;

/**
 * How a signing container gets at a key. Standard input (dockerfiles/steps/lib-key.sh) is a line with the passphrase, empty for
 * none, then the armored key. Nothing of it is ever in an environment, on a command line, or in a file outside the container's
 * memory. Where an agent keeps the secret it is the public key, and the container has the agent's restricted socket. Throws
 * SourceMissing when this machine has not the key.
 */
export async function accessOf(tools: Tools, key: Artifact<'public-key'>): Promise<KeyAccess> {
  return keyAccess(tools, fingerprintOf(key));
}

/** The same by fingerprint. */
export async function keyAccess(tools: Tools, fingerprint: string): Promise<KeyAccess> {
  const key = await tools.keys.load(fingerprint);
  if (key === undefined)
    throw new FactoryError({
      kind: 'SourceMissing',
      source: `secret key ${fingerprint}`,
      detail: 'it was not given and is not in the key directory of this machine',
    });
  const line = (passphrase: string, armored: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${passphrase}\n`), armored]);
  if (!('socket' in key)) return { stdin: line(key.passphrase, key.armored) };
  // The socket belongs to the user whose agent it is; only root of a container, which has no other power, may connect to any.
  return {
    stdin: line('', key.publicKey),
    sockets: { [AGENT]: key.socket },
    user: 'root',
    idleSeconds: PATIENCE_SECONDS,
  };
}
