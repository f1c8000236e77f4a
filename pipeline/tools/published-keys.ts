import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readKey } from '../rpm/openpgp-key.ts';
import { errorCode, makeDir, writeDurably } from '../store/durable.ts';
import { type OpenPgpKey, openPgpKeys } from './repository-openpgp.ts';

/** The public key that hosts get: in every snapshot the one that signed it, beside the snapshots the current one. */
const CURRENT = 'RPM-GPG-KEY-factory';

/**
 * Makes a public key the current one of a published tree. Every key that ever was stays as `keys/<fingerprint>.asc`: old
 * snapshots stay verifiable, and what a .repo file on a host names never vanishes. `snapshotDirs` are those that are kept.
 * Returns the fingerprints that hosts may need, the current one first. Failures: DiskFull; a TypeError for what is no key.
 */
export async function publishKey(
  base: string,
  snapshotDirs: readonly string[],
  armored: Buffer,
): Promise<readonly string[]> {
  const { fingerprint } = readKey(armored.toString('latin1'));
  const keys = join(base, 'keys');
  await makeDir(keys);
  const before = await keyAt(join(base, CURRENT));
  for (const key of before === undefined ? [] : [before])
    await writeDurably(join(keys, `${key.fingerprint}.asc`), key.armored);
  await writeDurably(join(keys, `${fingerprint}.asc`), armored);
  await writeDurably(join(base, CURRENT), armored);

  // Only keys that were published by us count: anybody could have put a key into a snapshot's directory.
  const known = await publishedKeys(base);
  const signers = await Promise.all(snapshotDirs.map(async (dir) => (await keyAt(join(dir, CURRENT)))?.fingerprint));
  const needed = signers.filter((one) => one !== undefined && one !== fingerprint && known.includes(one));
  return [fingerprint, ...new Set(needed.filter((one) => one !== undefined).sort())];
}

/** Fingerprint of the key that hosts get; undefined where none was published. */
export async function currentKey(base: string): Promise<string | undefined> {
  return (await keyAt(join(base, CURRENT)))?.fingerprint;
}

/** Fingerprints of every key that was ever current in a published tree, sorted. */
export async function publishedKeys(base: string): Promise<readonly string[]> {
  const names = await readdir(join(base, 'keys')).catch((error: unknown): string[] => {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  });
  return names.flatMap((name) => /^([0-9A-F]{40})\.asc$/.exec(name)?.[1] ?? []).sort();
}

/** The keys of these fingerprints in a published tree. A file that holds no readable key verifies nothing. */
export async function keysAt(base: string, fingerprints: readonly string[]): Promise<readonly OpenPgpKey[]> {
  const keys: OpenPgpKey[] = [];
  for (const fingerprint of fingerprints) {
    const file = await keyAt(join(base, 'keys', `${fingerprint}.asc`));
    if (file?.fingerprint === fingerprint) keys.push(...openPgpKeys(file.armored.toString('latin1')));
  }
  return keys.filter((key) => fingerprints.includes(key.fingerprint));
}

/** undefined where there is no file, or one that holds no key: such a file verifies nothing, so there is nothing to keep. */
async function keyAt(path: string): Promise<{ readonly fingerprint: string; readonly armored: Buffer } | undefined> {
  try {
    const armored = await readFile(path);
    return { fingerprint: readKey(armored.toString('latin1')).fingerprint, armored };
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof TypeError) return undefined;
    throw error;
  }
}
