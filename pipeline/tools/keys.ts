import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, makeDir, writeDurably } from '../store/durable.ts';
import type { AgentKey, Keys, SecretKey } from './tools.ts';

/**
 * Demo keys as `<dir>/<FINGERPRINT>.secret.asc`, mode 0600 in a directory of mode 0700. Throws a TypeError for a
 * fingerprint that is not 40 hex digits. `own`: the user's key of this run, in memory only. Failures: DiskFull.
 */
export function createKeys(dir: string, own?: (SecretKey | AgentKey) & { readonly fingerprint: string }): Keys {
  return {
    async save(fingerprint, secret) {
      const path = secretPath(dir, fingerprint);
      await makeDir(dir, 0o700);
      // It may have been there before, made by somebody with another umask.
      await chmod(dir, 0o700);
      await writeDurably(path, secret, { mode: 0o600 });
    },
    async load(fingerprint) {
      const path = secretPath(dir, fingerprint);
      if (own?.fingerprint === fingerprint.toUpperCase()) return own;
      try {
        return { armored: await readFile(path), passphrase: '' };
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
  };
}

/** gpg prints fingerprints in upper case, other programs in lower case: one file for both. */
function secretPath(dir: string, fingerprint: string): string {
  if (!/^[0-9A-Fa-f]{40}$/.test(fingerprint)) throw new TypeError('not a fingerprint of 40 hex digits');
  return join(dir, `${fingerprint.toUpperCase()}.secret.asc`);
}
