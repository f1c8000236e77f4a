import { open, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { syncDir } from '../store/durable.ts';
import { hashFile } from '../store/hash-file.ts';

/** Makes every file and directory of a tree durable, children first. */
export async function syncTree(dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) await syncFile(path);
  }
  await syncDir(dir);
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** How two trees of files differ, one line per path; empty when they are equal. Times and modes do not count. */
export async function differences(a: string, b: string): Promise<readonly string[]> {
  const [left, right] = await Promise.all([digestsOf(a), digestsOf(b)]);
  const paths = [...new Set([...left.keys(), ...right.keys()])].sort();
  return paths.filter((path) => left.get(path) !== right.get(path));
}

async function digestsOf(root: string): Promise<ReadonlyMap<string, string>> {
  const digests = new Map<string, string>();
  for (const entry of await readdir(root, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    const what = entry.isFile() ? (await hashFile(path)).digest : entry.isDirectory() ? 'directory' : 'special';
    digests.set(relative(root, path), what);
  }
  return digests;
}
