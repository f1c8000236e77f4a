import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { asSha256, type Sha256 } from '../../plan/artifact.ts';
import { FactoryError } from '../../run/failure.ts';
import { keyOf } from '../../run/key.ts';
import { stepRecordSchema } from '../../run/record-schema.ts';
import type { StepRecord } from '../../run/record.ts';
import { errorCode } from '../../store/durable.ts';
import { writeHashed } from '../../store/write.ts';
import type { Store } from '../tools.ts';
import { formatRecord, invalid, jsonIn, type Member } from './format.ts';
import { readMembers } from './members.ts';

/** An archive that was read to its end and found in order. Nothing of it is visible yet. */
export interface Staged {
  readonly file: string;
  readonly recipe: string;
  readonly records: readonly StepRecord[];
  /** Its objects by digest: size, and the verified file that waits; no file for what the store has already. */
  readonly objects: ReadonlyMap<Sha256, { readonly size: number; readonly path: string | undefined }>;
}

/**
 * Reads an archive and verifies it: first the whole file against `want`, when somebody who is trusted said it; then form and
 * index; every object's size and digest, while it is written into `scratch`; every record's digest, shape and key; that every
 * object belongs to a record. Failures: ExchangeInvalid, Usage (cannot be read), DiskFull, Cancelled.
 */
export async function stageArchive(
  file: string,
  want: Sha256 | undefined,
  scratch: string,
  store: Pick<Store, 'has'>,
  signal: AbortSignal,
): Promise<Staged> {
  const handle = await openArchive(file);
  try {
    // The same open file is hashed and then read: a rename in between changes nothing.
    if (want !== undefined) await checkWhole(file, handle, want, signal);
    const objects = new Map<Sha256, { size: number; path: string | undefined }>();
    const records: StepRecord[] = [];
    const { recipe } = await readMembers(file, handle, signal, async (member, bytes) => {
      if (member.record !== undefined) return void records.push(await readRecord(file, member, bytes));
      const path = (await store.has(member.sha256, member.size)) ? undefined : join(scratch, member.sha256);
      const got = path === undefined ? await digestOf(bytes) : await written(bytes, path, member.size);
      checkDigest(file, member, got);
      objects.set(member.sha256, { size: member.size, path });
    });
    const named = new Map(records.flatMap(({ outputs }) => outputs.map(({ digest, size }) => [digest, size])));
    for (const [digest, { size }] of objects)
      if (named.get(digest) !== size) throw invalid(file, `objects/${digest}`, 'belongs to no record in the archive');
    return { file, recipe, records, objects };
  } finally {
    await handle.close();
  }
}

async function openArchive(file: string): Promise<FileHandle> {
  const unusable = (detail: string): FactoryError => {
    const advice = 'Give the name of a file that `bin/factory export` wrote.';
    return new FactoryError({ kind: 'Usage', message: `${file} cannot be read: ${detail}`, advice });
  };
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw unusable((error as Error).message);
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw unusable('not a regular file');
}

async function checkWhole(file: string, handle: FileHandle, want: Sha256, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256');
  const source = handle.createReadStream({ start: 0, autoClose: false });
  for await (const chunk of source as AsyncIterable<Buffer>) {
    if (signal.aborted) throw new FactoryError({ kind: 'Cancelled' });
    hash.update(chunk);
  }
  const got = hash.digest('hex');
  if (got !== want) throw invalid(file, null, `has the sha256 ${got} instead of ${want}`);
}

async function written(bytes: Readable, path: string, size: number): Promise<string> {
  return (await writeHashed(bytes, path, { mode: 0o444, maxBytes: size })).digest;
}

async function digestOf(bytes: Readable): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of bytes as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

/** A record in the one form that export writes: parsed and written again it gives the same bytes. */
async function readRecord(file: string, member: Member, content: Readable): Promise<StepRecord> {
  const bytes = await buffer(content);
  checkDigest(file, member, createHash('sha256').update(bytes).digest('hex'));
  const parsed = stepRecordSchema.safeParse(jsonIn(file, member.name, bytes));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(file, member.name, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a record'}`);
  }
  const record = parsed.data;
  const wanted = member.record;
  if (record.key !== wanted?.key || record.step !== wanted.step)
    throw invalid(file, member.name, `is a record of ${record.step}, ${record.key}, and not what the index says`);
  if (keyOf(record.identity) !== asSha256(record.key))
    throw invalid(file, member.name, `its key is not that of what it says about ${record.step}`);
  if (!formatRecord(record).equals(bytes)) throw invalid(file, member.name, 'is not in the form that export writes');
  return record;
}

function checkDigest(file: string, { name, sha256 }: Member, got: string): void {
  if (got !== sha256) throw invalid(file, name, `its bytes have the sha256 ${got} instead of ${sha256}`);
}
