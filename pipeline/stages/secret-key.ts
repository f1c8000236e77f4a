import type { Artifact } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import type { Tools } from '../tools/tools.ts';

const PREFIX = 'RPM-GPG-KEY-';

/** Fingerprint of a `public-key` artifact: part of its name, so that consumers' keys change with the key. */
export function fingerprintOf(key: Artifact<'public-key'>): string {
  return key.name.startsWith(PREFIX) ? key.name.slice(PREFIX.length) : '';
}

/** The secret half, for the standard input of a signing container. Throws SourceMissing when this machine has it not. */
export async function secretOf(tools: Tools, key: Artifact<'public-key'>): Promise<Buffer> {
  const fingerprint = fingerprintOf(key);
  const secret = await tools.keys.load(fingerprint);
  if (secret === undefined)
    throw new FactoryError({
      kind: 'SourceMissing',
      source: `secret key ${fingerprint}`,
      detail: 'it is not in the key directory of this machine',
    });
  return secret;
}
