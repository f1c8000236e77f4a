import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { z } from 'zod';
import type { Sha256 } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import type { Problem } from '../run/failure.ts';
import { parseYaml } from './document.ts';
import { shapeProblems } from './problems.ts';
import type { Source } from './recipe.ts';
import { fileName, line, name, sha256, strict } from './schema-parts.ts';

const locked = strict({
  kind: z.enum(['http', 'apt']).describe('Kind of the source when it was locked'),
  file: fileName.describe('Name of the file'),
  sha256: sha256.transform((hex) => hex as Sha256).describe('Its sha256'),
  size: z.int().nonnegative().describe('Its size in bytes'),
  trust: z
    .enum(['signature', 'published-checksum', 'first-use', 'apt'])
    .describe('Why the digest was believed: a signature, a checksum of upstream, nothing but the first download, apt'),
  package: line.optional().describe('apt: name of the package'),
  version: line.optional().describe('apt: exact version of the package'),
  urls: z.array(line).optional().describe('http: mirrors that were tried, the last one with success'),
});
const lockSchema = strict({
  version: z.literal(1, { error: 'must be 1' }).describe('Version of this format'),
  sources: z.record(name, locked).describe('What was locked, by source'),
});

/** What one source was when it was locked. */
export type LockedSource = z.output<typeof locked>;
/** Pinned versions and digests of a recipe's sources. */
export type Lock = z.output<typeof lockSchema>;

/** The lock of a recipe that has none. */
export const EMPTY_LOCK: Lock = { version: 1, sources: {} };

/** Reads a lock.json; no file is an empty lock. Failures: RecipeInvalid. */
export async function readLock(file: string): Promise<Lock> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY_LOCK;
    throw error;
  }
  // JSON is YAML: one parser gives both files their line numbers.
  const document = parseYaml(text);
  if (document.problems.length > 0) throw invalid(file, document.problems);
  const parsed = lockSchema.safeParse(document.data);
  if (!parsed.success) throw invalid(file, shapeProblems(parsed.error.issues, document));
  return parsed.data;
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

/** What changed between two locks, one line per source, for people; empty when nothing did. */
export function diffLocks(before: Lock, after: Lock): string[] {
  const names = [...new Set([...Object.keys(before.sources), ...Object.keys(after.sources)])].sort();
  const show = (entry: LockedSource) =>
    `${entry.version ?? entry.file} sha256 ${entry.sha256.slice(0, 12)} (${entry.trust})`;
  return names.flatMap((source) => {
    const [old, now] = [before.sources[source], after.sources[source]];
    if (old === undefined) return now === undefined ? [] : [`+ ${source}: ${show(now)}`];
    if (now === undefined) return [`- ${source}: ${show(old)}`];
    if (JSON.stringify(sorted(old)) === JSON.stringify(sorted(now))) return [];
    return [`~ ${source}: ${show(old)} -> ${show(now)}`];
  });
}
