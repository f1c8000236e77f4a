import { describe, expect, it } from 'vitest';
import { Demuxer } from '../../../pipeline/tools/docker/demux.ts';

function frame(stream: number, text: string): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

function demux(chunks: readonly Buffer[]): { out: string; err: string } {
  const result = { out: '', err: '' };
  const demuxer = new Demuxer(
    (chunk) => (result.out += chunk.toString()),
    (chunk) => (result.err += chunk.toString()),
  );
  chunks.forEach((chunk) => demuxer.push(chunk));
  return result;
}

describe('Demuxer', () => {
  const bytes = Buffer.concat([frame(1, 'one'), frame(2, 'bad'), frame(1, ''), frame(1, ' two'), frame(2, ' worse')]);

  it('tells the streams apart however the bytes are cut', () => {
    for (const size of [1, 2, 7, 8, 9, 100]) {
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
      expect(demux(chunks)).toEqual({ out: 'one two', err: 'bad worse' });
    }
  });

  it('knows whether it stopped between frames', () => {
    const demuxer = new Demuxer(
      () => undefined,
      () => undefined,
    );
    for (const [at, byte] of [...frame(1, 'ab')].entries()) {
      expect(demuxer.complete).toBe(at === 0);
      demuxer.push(Buffer.from([byte]));
    }
    expect(demuxer.complete).toBe(true);
  });

  it('refuses what is not multiplexed', () => {
    expect(() => demux([Buffer.from('hello world')])).toThrow('not a multiplexed stream');
  });
});
