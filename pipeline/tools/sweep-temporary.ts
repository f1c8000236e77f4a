import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../store/durable.ts';

/** Names that `temporaryName` (store/durable.ts) gives to files in the making. */
const TEMPORARY = /^\..*\.[0-9a-f]{12}\.tmp$/;

/** Removes files in the making that lie directly in these directories; returns their paths. Absent directories are fine. */
export async function sweepTemporaryNames(dirs: readonly string[]): Promise<string[]> {
  const removed: string[] = [];
  for (const dir of dirs) {
    for (const name of await names(dir)) {
      if (!TEMPORARY.test(name)) continue;
      await rm(join(dir, name), { force: true });
      removed.push(join(dir, name));
    }
  }
  return removed;
}

async function names(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}
