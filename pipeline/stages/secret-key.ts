import type { Artifact } from '../plan/artifact.ts';
import { readKey } from '../rpm/openpgp-key.ts';
import { FactoryError } from '../run/failure.ts';
import type { Tools } from '../tools/tools.ts';

const PREFIX = 'RPM-GPG-KEY-';

/** Fingerprint of a `public-key` artifact: part of its name, so that consumers' keys change with the key. */
export function fingerprintOf(key: Artifact<'public-key'>): string {
  return key.name.startsWith(PREFIX) ? key.name.slice(PREFIX.length) : '';
}

/** Whether the key was made by the factory itself: a demo key says so in its user id. */
export async function isDemoKey(tools: Tools, key: Artifact<'public-key'>): Promise<boolean> {
  return readKey((await tools.store.read(key.digest)).toString('latin1')).isDemo;
}

/**
 * What a signing container reads from its standard input (dockerfiles/steps/lib-key.sh): a line with the passphrase, empty
 * for none, then the armored key. Nothing of it is ever in an environment, on a command line, or in a file outside the
 * container's memory. Throws SourceMissing when this machine has not the key.
 */
export async function secretOf(tools: Tools, key: Artifact<'public-key'>): Promise<Buffer> {
  return secretLine(tools, fingerprintOf(key));
}

/** The same by fingerprint. */
export async function secretLine(tools: Tools, fingerprint: string): Promise<Buffer> {
  const secret = await tools.keys.load(fingerprint);
  if (secret === undefined)
    throw new FactoryError({
      kind: 'SourceMissing',
      source: `secret key ${fingerprint}`,
      detail: 'it was not given and is not in the key directory of this machine',
    });
  return Buffer.concat([Buffer.from(`${secret.passphrase}\n`), secret.armored]);
}
