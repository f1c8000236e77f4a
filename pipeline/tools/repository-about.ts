import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../store/durable.ts';

/** What a list of snapshots says of one of them. Nothing of it is verified. */
export interface SnapshotAbout {
  readonly id: string;
  /** ISO 8601, UTC: from the id, or the time of the directory where the id tells none. */
  readonly createdAt: string;
  /** Binary packages. */
  readonly packages: number;
  /** All its files together. */
  readonly bytes: number;
  /** Sources that nothing vouched for; null where the snapshot does not say. */
  readonly unlocked: readonly string[] | null;
  /** Whether a throw-away key signed it; null where the snapshot does not say. */
  readonly demoKey: boolean | null;
}

/** Looks at the snapshot `id` in `dir`. */
export async function aboutSnapshot(id: string, dir: string): Promise<SnapshotAbout> {
  const entries = (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sizes = await Promise.all(entries.map(({ parentPath, name }) => stat(join(parentPath, name))));
  const manifest = await manifestOf(dir);
  const { unlockedSources, demoKey } = manifest;
  return {
    id,
    createdAt: timeIn(id) ?? (await stat(dir)).mtime.toISOString(),
    packages: entries.filter(({ parentPath, name }) => parentPath === join(dir, 'RPMS') && name.endsWith('.rpm'))
      .length,
    bytes: sizes.reduce((sum, { size }) => sum + size, 0),
    unlocked: Array.isArray(unlockedSources) ? unlockedSources.map(String) : null,
    demoKey: typeof demoKey === 'boolean' ? demoKey : null,
  };
}

/** Order of making: ids begin with their time. */
export function byAge(a: SnapshotAbout, b: SnapshotAbout): number {
  const [left, right] = [`${a.createdAt} ${a.id}`, `${b.createdAt} ${b.id}`];
  return left < right ? -1 : Number(left > right);
}

function timeIn(id: string): string | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-/.exec(id);
  if (match === null) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = ''] = match;
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
}

async function manifestOf(dir: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return Object(JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8'))) as Record<string, unknown>;
  } catch (error) {
    // A list has to show damaged snapshots too; what is wrong with them is told by `factory verify`.
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return {};
    throw error;
  }
}
