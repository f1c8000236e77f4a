import type { Stats } from 'node:fs';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tooLarge } from './answer.ts';
import { fill } from './fill.ts';
import { inDirectory } from './mirror-url.ts';
import type { Outcome } from './outcome.ts';
import { refused, useless } from './outcome.ts';
import type { Part } from './part.ts';
import type { Wanted } from './wanted.ts';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EIO: 'read error',
};

/** Copies from a file, or from the file of the wanted name in a directory. Always from the start: disks are fast. */
export async function tryLocal(path: string, part: Part, wanted: Wanted): Promise<Outcome> {
  const found = await lookAt(path, wanted.file);
  if ('kind' in found) return found;
  const { size } = found.stats;
  if (wanted.size !== null && size !== wanted.size)
    return refused(`wrong size: ${size} bytes, expected ${wanted.size}`);
  if (wanted.size === null && size > wanted.limits.maxBytes) return useless(tooLarge(wanted.limits));
  await part.reset();
  const source = createReadStream(found.path, { signal: wanted.signal });
  let failed: Outcome | undefined;
  source.on('error', (error: NodeJS.ErrnoException) => {
    failed = refused(wanted.signal.aborted ? 'cancelled' : wordsFor(error));
  });
  try {
    const body = source as AsyncIterable<Uint8Array>;
    return await fill(part, body, { size: wanted.size, expected: size }, wanted.limits, wanted.onBytes);
  } catch (error) {
    if (failed) return failed;
    throw error;
  } finally {
    source.destroy();
  }
}

async function lookAt(path: string, file: string): Promise<{ path: string; stats: Stats } | Outcome> {
  try {
    const first = await stat(path);
    const inside = first.isDirectory() ? inDirectory(path, file) : path;
    const stats = inside === path ? first : await stat(inside);
    return stats.isFile() ? { path: inside, stats } : refused('not a regular file');
  } catch (error) {
    return refused(wordsFor(error as NodeJS.ErrnoException));
  }
}

const wordsFor = (error: NodeJS.ErrnoException): string => WORDS[error.code ?? ''] ?? error.message;
