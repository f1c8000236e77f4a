const LF = 0x0a;
const CR = 0x0d;

/** Longest line that is handed on in one piece, in bytes of UTF-8. */
export const MAX_LINE_BYTES = 64 * 1024;

/**
 * Cuts a byte stream into lines. `\n`, `\r\n` and a lone `\r` (progress bars) each end a line; an empty text before a lone
 * `\r` is no line. Works on bytes and decodes whole lines, so a character may be split over chunks. Lines over
 * MAX_LINE_BYTES come in pieces; nothing is ever dropped.
 */
export class LineSplitter {
  readonly #emit: (line: string) => void;
  #rest: Buffer[] = [];
  #restBytes = 0;
  /** A `\r` came last: with text before it (already emitted) or without. */
  #carriage: 'none' | 'after-text' | 'bare' = 'none';

  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (byte === LF) {
        if (this.#carriage !== 'after-text') this.#line(chunk.subarray(start, at));
        this.#carriage = 'none';
        start = at + 1;
      } else if (byte === CR) {
        const text = this.#restBytes > 0 || at > start;
        if (text) this.#line(chunk.subarray(start, at));
        this.#carriage = text ? 'after-text' : 'bare';
        start = at + 1;
      } else {
        this.#carriage = 'none';
      }
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start));
  }

  /** Emits what is left without a newline at its end. */
  end(): void {
    if (this.#restBytes > 0) this.#line(Buffer.alloc(0));
    this.#carriage = 'none';
  }

  #keep(bytes: Buffer): void {
    this.#rest.push(bytes);
    this.#restBytes += bytes.length;
    if (this.#restBytes <= MAX_LINE_BYTES) return;
    const left = this.#emitFull(Buffer.concat(this.#rest));
    this.#rest = [left];
    this.#restBytes = left.length;
  }

  #line(last: Buffer): void {
    const whole = this.#rest.length === 0 ? last : Buffer.concat([...this.#rest, last]);
    this.#rest = [];
    this.#restBytes = 0;
    this.#emit(this.#emitFull(whole).toString('utf8'));
  }

  /** Emits full pieces and returns what is left, never more than MAX_LINE_BYTES. */
  #emitFull(bytes: Buffer): Buffer {
    let left = bytes;
    while (left.length > MAX_LINE_BYTES) {
      const cut = characterBoundary(left, MAX_LINE_BYTES);
      this.#emit(left.toString('utf8', 0, cut));
      left = left.subarray(cut);
    }
    return left;
  }
}

/** The last index not after `at` where a UTF-8 character begins; `at` itself in bytes that are not UTF-8. */
function characterBoundary(bytes: Buffer, at: number): number {
  for (let cut = at; cut > at - 4; cut--) {
    if (((bytes[cut] ?? 0) & 0xc0) !== 0x80) return cut;
  }
  return at;
}
