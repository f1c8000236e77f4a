import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { hashFile } from '../store/hash-file.ts';

/** What a snapshot may hold beside the files of SHA256SUMS: the sums, detached signatures, evidence and its page. */
const UNSUMMED = /^(SHA256SUMS|.*\.asc|evidence\/.*|index\.html)$/;

/**
 * Compares a snapshot directory with its SHA256SUMS: every named file there with the right bytes, and nothing else there.
 * Returns the problems in words; empty when all is well.
 */
export async function verifySnapshot(dir: string): Promise<string[]> {
  const sums = new Map<string, string>();
  const problems: string[] = [];
  for (const line of (await readFile(join(dir, 'SHA256SUMS'), 'utf8')).split('\n')) {
    const [, digest, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (digest !== undefined && path !== undefined) sums.set(path, digest);
    else if (line !== '') problems.push(`SHA256SUMS: not a line of it: ${JSON.stringify(line)}`);
  }
  const found = await filesBelow(dir);
  for (const path of found) {
    const want = sums.get(path);
    if (want === undefined) {
      if (!UNSUMMED.test(path)) problems.push(`${path}: not in SHA256SUMS`);
    } else if ((await hashFile(join(dir, path))).digest !== want)
      problems.push(`${path}: bytes are not those of SHA256SUMS`);
  }
  for (const path of sums.keys()) if (!found.includes(path)) problems.push(`${path}: missing`);
  return problems;
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort();
}
