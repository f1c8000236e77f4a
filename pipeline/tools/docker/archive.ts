import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { FactoryError } from '../../run/failure.ts';
import type { OutputFile } from '../tools.ts';
import type { ArchiveLimits } from './archive-members.ts';
import { memberCheck } from './archive-members.ts';

/**
 * Reads a tar that came out of a container and hands on every regular file, streamed, with its path below `root`. The
 * archive is not trusted: anything but plain files and directories below `root` is HostileArchive. A consumer that does not
 * read a file to its end has it drained.
 */
export async function readArchive(
  source: Readable,
  archive: { readonly name: string; readonly root: string },
  limits: ArchiveLimits,
  onFile: (file: OutputFile) => Promise<void>,
): Promise<void> {
  const { extract: createExtract } = await import('tar-stream');
  const extract = createExtract();
  // Both halves fail together; the pump's error is the one with the cause, so it is looked at first.
  const pump = pipeline(source, extract).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const check = memberCheck(archive.root, limits);
  let members = 0;
  try {
    for await (const entry of extract) {
      members += 1;
      const verdict = check(entry.header);
      if ('reason' in verdict) {
        throw hostile(archive.name, verdict.member, verdict.reason);
      }
      const bytes = Readable.from(entry, { objectMode: false });
      if (verdict.path !== null) await onFile({ path: verdict.path, size: entry.header.size, bytes });
      await drain(bytes);
    }
  } catch (error) {
    if (error instanceof FactoryError) throw error;
    throw malformed(archive.name, error, source) ?? error;
  } finally {
    source.destroy();
  }
  const failed = await pump;
  if (failed !== undefined) throw malformed(archive.name, failed.error, source) ?? failed.error;
  if (members === 0) throw hostile(archive.name, '', 'malformed: no members');
}

async function drain(bytes: Readable): Promise<void> {
  if (bytes.readableEnded || bytes.destroyed) return;
  bytes.resume();
  await finished(bytes);
}

/** tar-stream's own complaints about the bytes, as opposed to an error of the source. */
function malformed(archive: string, error: unknown, source: Readable): FactoryError | undefined {
  if (source.errored !== null && source.errored === error) return undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (!/invalid tar header|unexpected end of data|invalid header|header exceeds/i.test(message)) return undefined;
  return hostile(archive, '', `malformed: ${message}`, error);
}

function hostile(archive: string, member: string, reason: string, cause?: unknown): FactoryError {
  return new FactoryError({ kind: 'HostileArchive', archive, member, reason }, { cause });
}
