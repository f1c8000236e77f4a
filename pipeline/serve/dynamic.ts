import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repoFileName } from '../rpm/repo-file.ts';

/** The pointer of a recipe, read at every request: a publish or rollback is seen at once. */
export async function currentSnapshot(root: string, recipe: string): Promise<string | undefined> {
  try {
    const id = (await readFile(join(root, recipe, 'current'), 'utf8')).trim();
    return /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id) ? id : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') return undefined;
    throw error;
  }
}

/** Fingerprints that the published .repo file names beside the current key's: the served one differs from it in addresses only. */
export async function otherKeys(root: string, recipe: string): Promise<readonly string[]> {
  try {
    const text = await readFile(join(root, recipe, repoFileName(recipe)), 'utf8');
    return [...text.matchAll(/\/keys\/([0-9A-F]{40})\.asc\b/g)].map(([, fingerprint = '']) => fingerprint);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** A plain name or address with an optional port; upper and lower case are the same. Also read by nginx, as a PCRE. */
export const PLAIN_HOST = String.raw`^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::[0-9]{1,5})?$`;

/** Whether a Host header is fit to be written into an answer. */
export const isPlainHost = (host: string): boolean => new RegExp(PLAIN_HOST, 'i').test(host);

/** The one line that yum reads: repomd.xml, its signature and the packages then come from one immutable snapshot. */
export const mirrorlistFor = (host: string, recipe: string, snapshot: string): string =>
  `http://${host}/${recipe}/snapshots/${snapshot}/\n`;
