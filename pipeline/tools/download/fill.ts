import type { DownloadLimits } from './limits.ts';
import { tooLarge } from './answer.ts';
import type { Outcome } from './outcome.ts';
import { later, useless } from './outcome.ts';
import type { Part } from './part.ts';

/** Appends a body to the part, never more than it may hold. `expected`: bytes of the whole file, null when unknown. */
export async function fill(
  part: Part,
  body: AsyncIterable<Uint8Array>,
  want: { readonly size: number | null; readonly expected: number | null },
  limits: DownloadLimits,
  onBytes: (done: number, total: number | null) => void,
): Promise<Outcome> {
  const expected = want.size ?? want.expected;
  const most = want.size ?? limits.maxBytes;
  onBytes(part.size, expected);
  for await (const chunk of body) {
    if (part.size + chunk.length > most) {
      return useless(want.size === null ? tooLarge(limits) : `more than the expected ${want.size} bytes`);
    }
    await part.write(chunk);
    onBytes(part.size, expected);
  }
  return expected !== null && part.size < expected ? shortBody(part.size, expected) : { kind: 'complete' };
}

/** A body that ended too soon: worth resuming. */
export const shortBody = (got: number, expected: number | null): Outcome =>
  later(expected === null ? `connection lost after ${got} bytes` : `short body: ${got} of ${expected} bytes`);
