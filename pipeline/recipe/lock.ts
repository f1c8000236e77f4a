import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { FactoryError } from '../run/failure.ts';
import type { Problem } from '../run/failure.ts';
import { parseYaml } from './document.ts';
import { type Lock, lockSchema, lockSchema1, type LockedImage, type LockedSource } from './lock-schema.ts';
import { shapeProblems } from './problems.ts';
import type { Source } from './recipe.ts';

export type { Lock, LockedBuilt, LockedImage, LockedSource } from './lock-schema.ts';

/** The lock of a recipe that has none. */
export const EMPTY_LOCK: Lock = { version: 2, sources: {}, images: {} };

/** Reads a lock.json of either version; no file is an empty lock, unless it must exist. Failures: RecipeInvalid, Usage. */
export async function readLock(file: string, mustExist = false): Promise<Lock> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!mustExist && code === 'ENOENT') return EMPTY_LOCK;
    throw new FactoryError({ kind: 'Usage', message: `cannot read the lock: ${message}` }, { cause: error });
  }
  // JSON is YAML: one parser gives both files their line numbers.
  const document = parseYaml(text);
  if (document.problems.length > 0) throw invalid(file, document.problems);
  const schema = isVersion1(document.data) ? lockSchema1 : lockSchema;
  const parsed = schema.safeParse(document.data);
  if (!parsed.success) throw invalid(file, shapeProblems(parsed.error.issues, document));
  return parsed.data;
}

function isVersion1(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'version' in data && data.version === 1;
}

function invalid(file: string, problems: readonly Problem[]): FactoryError {
  return new FactoryError({ kind: 'RecipeInvalid', file, problems });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]));
}

/** A lock as text: sorted keys, two spaces, a line break at the end; equal locks are equal bytes. */
export function formatLock(lock: Lock): string {
  return `${JSON.stringify(sorted(lock), null, 2)}\n`;
}

/** Replaces a lock.json in one step. */
export async function writeLock(file: string, lock: Lock): Promise<void> {
  const part = `${file}.${randomBytes(6).toString('hex')}.part`;
  try {
    const handle = await open(part, 'wx');
    try {
      await handle.writeFile(formatLock(lock));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, file);
  } finally {
    await rm(part, { force: true });
  }
}

/**
 * The entry of a source, when it is about the same thing: kind, and package or file, are those of the recipe now. A source
 * that was changed in the recipe is not locked any more.
 */
export function lockedEntry(lock: Lock, source: Source): LockedSource | undefined {
  const entry = lock.sources[source.name];
  if (source.kind === 'file' || source.kind === 'member' || entry?.kind !== source.kind) return undefined;
  if (source.kind === 'http') return entry.file === source.file ? entry : undefined;
  return (entry.package ?? source.package) === source.package ? entry : undefined;
}

/** The entry of an image, when it still is an image of that kind. */
export function lockedImage<K extends LockedImage['kind']>(
  lock: Lock,
  image: string,
  kind: K,
): Extract<LockedImage, { kind: K }> | undefined {
  const entry = lock.images[image];
  return entry?.kind === kind ? (entry as Extract<LockedImage, { kind: K }>) : undefined;
}
