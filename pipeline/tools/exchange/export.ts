import { createHash } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { asSha256, type Artifact } from '../../plan/artifact.ts';
import { FactoryError } from '../../run/failure.ts';
import type { StepRecord } from '../../run/record.ts';
import { errorCode, syncDir, temporaryName } from '../../store/durable.ts';
import { writeHashed, type Written } from '../../store/write.ts';
import { packTar } from '../docker/tar-pack.ts';
import type { Store, TarFile } from '../tools.ts';
import { formatIndex, formatRecord, INDEX, objectName, recordName } from './format.ts';

/** What was written, and how much is in it. */
export interface Exported extends Written {
  readonly records: number;
  readonly objects: number;
}

/**
 * Writes an archive of these records and of all objects that they name: the same records, the same bytes. Temporary file, fsync,
 * rename; a file of that name is replaced. Failures: StoreCorrupt, DiskFull, Cancelled, Usage (cannot be written there).
 */
export async function writeExchange(
  file: string,
  { recipe, records }: { readonly recipe: string; readonly records: readonly StepRecord[] },
  store: Pick<Store, 'open'>,
  signal: AbortSignal,
): Promise<Exported> {
  const entries = [...new Map(records.map((record) => [record.key, record])).values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map((record) => ({ record, bytes: formatRecord(record) }));
  const objects = new Map<string, Artifact>(
    records.flatMap((one) => one.outputs.map((output) => [output.digest, output])),
  );
  const sorted = [...objects.values()].sort((a, b) => (a.digest < b.digest ? -1 : 1));
  const index = formatIndex({
    recipe,
    objects: sorted.map(({ digest, size }) => ({ sha256: digest, size })),
    records: entries.map(({ record: { key, step }, bytes }) => ({
      key: asSha256(key),
      step,
      sha256: asSha256(createHash('sha256').update(bytes).digest('hex')),
      size: bytes.length,
    })),
  });
  const files: TarFile[] = [
    { path: INDEX, mode: 0o644, bytes: index },
    ...sorted.map(({ digest, size }) => ({
      path: objectName(digest),
      mode: 0o644,
      bytes: { size, open: () => store.open(digest) },
    })),
    ...entries.map(({ record, bytes }) => ({ path: recordName(record.key), mode: 0o644, bytes })),
  ];
  const written = await put(file, await packTar({ directories: [], files, uid: 0 }), signal);
  return { ...written, records: entries.length, objects: sorted.length };
}

async function put(file: string, bytes: Readable, signal: AbortSignal): Promise<Written> {
  // It may fail before anybody reads it; the loop that reads it gets the same error.
  bytes.on('error', () => undefined);
  const temporary = join(dirname(file), temporaryName(file));
  const stop = (): void => void bytes.destroy(new FactoryError({ kind: 'Cancelled' }));
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    const written = await writeHashed(bytes, temporary, { mode: 0o644 });
    await rename(temporary, file).catch(async (error: unknown) => {
      await rm(temporary, { force: true });
      throw error;
    });
    await syncDir(dirname(file));
    return written;
  } catch (error) {
    throw explained(error, file);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What a place that cannot be written to says; all else stays as it is. */
function explained(error: unknown, file: string): unknown {
  if (!['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'ENOENT', 'EISDIR'].includes(errorCode(error) ?? '')) return error;
  const message = `${file} cannot be written: ${(error as Error).message}`;
  return new FactoryError({ kind: 'Usage', message, advice: 'Give a file name in a directory that exists.' });
}
