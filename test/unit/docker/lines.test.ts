import { describe, expect, it } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES } from '../../../pipeline/tools/docker/lines.ts';

function split(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return lines;
}

describe('LineSplitter', () => {
  it.each<[string, string[], string[]]>([
    ['nothing', [], []],
    ['one line', ['a\n'], ['a']],
    ['a last line without newline', ['a\nb'], ['a', 'b']],
    ['empty lines', ['\n\na\n\n'], ['', '', 'a', '']],
    ['a line in pieces', ['a', 'b', 'c\nd', '\n'], ['abc', 'd']],
    ['CRLF', ['a\r\nb\r\n'], ['a', 'b']],
    ['CRLF over chunks', ['a\r', '\nb\r', '\n'], ['a', 'b']],
    ['an empty CRLF line', ['\r\n', 'a\r\n\r\n'], ['', 'a', '']],
    ['progress', ['10%\r20%\r', '30%\n'], ['10%', '20%', '30%']],
    ['progress that starts with CR', ['\r10%\r20%'], ['10%', '20%']],
    ['CR CR LF', ['a\r\r\nb'], ['a', '', 'b']],
  ])('%s', (_, chunks, lines) => {
    expect(split(...chunks)).toEqual(lines);
  });

  it('decodes characters that are split over chunks at any place', () => {
    const text = 'añ€😀z';
    const bytes = Buffer.from(text);
    for (let at = 0; at <= bytes.length; at++) expect(split(bytes.subarray(0, at), bytes.subarray(at))).toEqual([text]);
    expect(split(...[...bytes].map((byte) => Buffer.from([byte])))).toEqual([text]);
  });

  it('hands on a line of exactly the limit in one piece', () => {
    const line = 'x'.repeat(MAX_LINE_BYTES);
    expect(split(`${line}\nnext`)).toEqual([line, 'next']);
    expect(split(line, '\n')).toEqual([line]);
  });

  it('cuts longer lines, never inside a character, and loses nothing', () => {
    const line = `${'x'.repeat(MAX_LINE_BYTES - 1)}${'€'.repeat(50_000)}`;
    const bytes = Buffer.from(`${line}\nnext\n`);
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 1000) chunks.push(bytes.subarray(at, at + 1000));
    for (const pieces of [split(bytes), split(...chunks)]) {
      expect(pieces.at(-1)).toBe('next');
      expect(pieces.slice(0, -1).join('')).toBe(line);
      expect(pieces.every((piece) => Buffer.byteLength(piece) <= MAX_LINE_BYTES)).toBe(true);
    }
  });

  it('survives bytes that are not UTF-8', () => {
    expect(split(Buffer.alloc(MAX_LINE_BYTES + 10, 0x80)).map((piece) => piece.length)).toEqual([MAX_LINE_BYTES, 10]);
  });
});
