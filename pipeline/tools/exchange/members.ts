import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Header } from 'tar-stream';
import { FactoryError } from '../../run/failure.ts';
import { archiveSize, INDEX, invalid, LIMITS, membersOf, parseIndex } from './format.ts';
import type { ExchangeIndex, Member } from './format.ts';

/**
 * Reads an archive in the one form that export writes: the index, then exactly what it names, in its order, and the end. What
 * comes next is compared with what must come next, so names are never looked up anywhere: no paths, links, members twice or
 * too many. `onMember` gets the bytes as they come, not hashed yet, and reads them to their end. Returns the index once the end is
 * reached. Failures: ExchangeInvalid.
 */
export async function readMembers(
  file: string,
  handle: FileHandle,
  signal: AbortSignal,
  onMember: (member: Member, bytes: Readable) => Promise<void>,
): Promise<ExchangeIndex> {
  const { extract: createExtract } = await import('tar-stream');
  const { size: bytes } = await handle.stat();
  const source = handle.createReadStream({ start: 0, autoClose: false });
  const stop = (): void => void source.destroy(new FactoryError({ kind: 'Cancelled' }));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const extract = createExtract();
  // Both halves fail together; the pump's error is the one with the cause.
  const pump = pipeline(source, extract).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  let index: ExchangeIndex | undefined;
  let expected: readonly Member[] = [];
  let next = 0;
  try {
    for await (const entry of extract) {
      const content = Readable.from(entry, { objectMode: false });
      if (index === undefined) {
        checkHeader(file, entry.header, { name: INDEX, size: Math.min(entry.header.size, LIMITS.indexBytes) });
        const text = await buffer(content);
        index = parseIndex(file, text);
        expected = membersOf(index);
        const want = archiveSize(text.length, expected);
        if (bytes !== want) throw invalid(file, null, `has ${bytes} bytes; what its index names makes ${want}`);
        continue;
      }
      const member = expected[next];
      next += 1;
      if (member === undefined) throw invalid(file, entry.header.name, 'the index does not name it');
      checkHeader(file, entry.header, member);
      await onMember(member, content);
    }
  } catch (error) {
    const pumped = error instanceof FactoryError ? undefined : await ended(source, pump);
    throw explained(file, pumped?.error ?? error);
  } finally {
    signal.removeEventListener('abort', stop);
    source.destroy();
  }
  const failed = await pump;
  if (failed !== undefined) throw explained(file, failed.error);
  const missing = expected[next];
  if (index === undefined) throw invalid(file, null, 'is empty');
  if (missing !== undefined) throw invalid(file, missing.name, 'is missing');
  return index;
}

/** The pump's own error; it has ended, or ends now. */
function ended<T>(source: Readable, pump: Promise<T>): Promise<T> {
  source.destroy();
  return pump;
}

function checkHeader(file: string, header: Header, want: Pick<Member, 'name' | 'size'>): void {
  // tar-stream decodes names leniently; whatever it made of one, only the expected text counts.
  if (header.name !== want.name) throw invalid(file, header.name, `stands where ${want.name} must be`);
  if (header.type !== 'file') throw invalid(file, header.name, `is no plain file but of type ${header.type}`);
  if (header.size !== want.size) throw invalid(file, header.name, `has ${header.size} bytes instead of ${want.size}`);
}

/** tar-stream's complaints about bytes are the archive's fault; all else stays as it is. */
function explained(file: string, error: unknown): unknown {
  if (error instanceof FactoryError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const malformed = /invalid tar header|unexpected end of data|invalid header|header exceeds|pax/i.test(message);
  return malformed ? invalid(file, null, `is no archive of factory export: ${message}`, error) : error;
}
