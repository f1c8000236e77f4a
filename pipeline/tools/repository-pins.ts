import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, writeDurably } from '../store/durable.ts';

/** Ids that are never pruned: the file `pinned` beside the snapshots, one id per line, sorted. `base`: root of a Repository. */
export async function readPins(base: string): Promise<ReadonlySet<string>> {
  try {
    const lines = (await readFile(join(base, 'pinned'), 'utf8')).split('\n').map((line) => line.trim());
    return new Set(lines.filter((line) => line !== ''));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return new Set();
    throw error;
  }
}

/** Pins a snapshot, or takes its pin away. Returns whether that changed anything. Only for the holder of the lock. */
export async function setPin(base: string, id: string, pinned: boolean): Promise<boolean> {
  const pins = await readPins(base);
  if (pins.has(id) === pinned) return false;
  const wanted = pinned ? [...pins, id] : [...pins].filter((one) => one !== id);
  await writeDurably(
    join(base, 'pinned'),
    wanted
      .sort()
      .map((one) => `${one}\n`)
      .join(''),
  );
  return true;
}
