const HEADER_BYTES = 8;

/**
 * Splits the engine's multiplexed output: an 8-byte header (stream number, three zeros, length) before every piece.
 * Hands pieces on as they come, without waiting for a whole frame.
 */
export class Demuxer {
  readonly #sinks: Readonly<Record<number, (chunk: Buffer) => void>>;
  #header = Buffer.alloc(0);
  #stream = 0;
  #left = 0;

  constructor(stdout: (chunk: Buffer) => void, stderr: (chunk: Buffer) => void) {
    this.#sinks = { 0: stdout, 1: stdout, 2: stderr };
  }

  /** Whether the bytes so far end with a whole frame; at the end of the stream anything else means that it broke off. */
  get complete(): boolean {
    return this.#left === 0 && this.#header.length === 0;
  }

  /** Throws a TypeError on a header that is none: bytes would be attributed wrongly from there on. */
  push(chunk: Buffer): void {
    let left = chunk;
    while (left.length > 0) {
      if (this.#left === 0) {
        left = this.#readHeader(left);
        continue;
      }
      const piece = left.subarray(0, this.#left);
      this.#sinks[this.#stream]?.(piece);
      this.#left -= piece.length;
      left = left.subarray(piece.length);
    }
  }

  #readHeader(chunk: Buffer): Buffer {
    const missing = HEADER_BYTES - this.#header.length;
    this.#header = Buffer.concat([this.#header, chunk.subarray(0, missing)]);
    if (this.#header.length === HEADER_BYTES) {
      this.#stream = this.#header.readUInt8(0);
      this.#left = this.#header.readUInt32BE(4);
      if (!(this.#stream in this.#sinks)) throw new TypeError(`not a multiplexed stream: type ${this.#stream}`);
      this.#header = Buffer.alloc(0);
    }
    return chunk.subarray(missing);
  }
}
