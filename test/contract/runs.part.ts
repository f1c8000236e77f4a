import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { ContainersHarness } from './containers.contract.ts';
import { failureFrom, linesOf, runToEnd, specFor, start } from './containers.use.ts';
import { programs } from './programs.ts';
import { FactoryError } from '../../pipeline/run/failure.ts';

/** Lines, exit codes, inputs. */
export function runsContract(harness: () => ContainersHarness): void {
  describe('run', () => {
    it('hands on 100,000 lines of a program that exits at once', async () => {
      const watched = await runToEnd(harness().containers, specFor(harness(), programs.manyLines));
      const lines = linesOf(watched);
      expect(lines).toHaveLength(100_000);
      expect(lines.every((line, index) => line === String(index + 1))).toBe(true);
    });

    it('loses no line of an instant exit, nor the last one without a newline', async () => {
      for (let round = 0; round < 5; round++) {
        const watched = await runToEnd(harness().containers, specFor(harness(), programs.lastWords));
        expect(linesOf(watched)).toEqual(['first', 'last']);
        expect(linesOf(watched, 'stderr')).toEqual(['aside']);
      }
    });

    it('keeps progress lines, empty lines, split characters and very long lines', async () => {
      const lines = linesOf(await runToEnd(harness().containers, specFor(harness(), programs.oddLines)));
      expect(lines.slice(0, 4)).toEqual(['10%', '20%', '', 'ää']);
      expect(lines.slice(4).map(({ length }) => length)).toEqual([65_536, 70_000 - 65_536]);
    });

    it('fails with the exit code and the last 40 lines', async () => {
      const spec = specFor(harness(), programs.fails);
      const failure = await failureFrom(runToEnd(harness().containers, spec));
      const tail = Array.from({ length: 40 }, (_, index) => String(index + 11));
      expect(failure).toEqual({ kind: 'ContainerExit', step: spec.step, code: 7, oom: false, tail });
      expect(await harness().left()).toEqual([]);
    });

    it('delivers inputs intact, with mode and owner, from memory and from a stream', async () => {
      const big = Buffer.alloc(2_500_000, 'abc');
      const spec = specFor(harness(), programs.showsInputs, {
        env: { GREETING: 'hello $HOME "x"' },
        files: [
          { path: 'in/deep/er/b.bin', mode: 0o755, bytes: { size: big.length, open: () => open(big) } },
          { path: 'in/a.txt', mode: 0o640, bytes: Buffer.from('text\n') },
        ],
      });
      expect(linesOf(await runToEnd(harness().containers, spec))).toEqual([
        'in/a.txt 1000 640 5',
        'in/deep/er/b.bin 1000 755 2500000',
        `${createHash('sha256').update(big).digest('hex')}  in/deep/er/b.bin`,
        'text',
        'hello $HOME "x"',
      ]);
    });

    it('gives inputs to root when the user is root', async () => {
      const files = ['in/a.txt', 'in/deep/er/b.bin'].map((path) => ({ path, mode: 0o600, bytes: Buffer.from('x') }));
      const spec = specFor(harness(), programs.showsInputs, { user: 'root', files });
      expect(linesOf(await runToEnd(harness().containers, spec))[0]).toBe('in/a.txt 0 600 1');
    });

    it('does not start with a corrupt input, and says which', async () => {
      const corrupt = new FactoryError({ kind: 'StoreCorrupt', digest: 'd', got: 'g', path: 'p' });
      const bytes = { size: 4_000_000, open: () => open(Buffer.alloc(3_000_000), corrupt) };
      const spec = specFor(harness(), programs.stays, { files: [{ path: 'in/bad', mode: 0o644, bytes }] });
      const watched = start(harness().containers, spec);
      expect(await failureFrom(watched.done)).toEqual(corrupt.failure);
      expect(watched.lines).toEqual([]);
      expect(await harness().left()).toEqual([]);
    });

    it('reports an input that cannot be opened', async () => {
      const corrupt = new FactoryError({ kind: 'StoreCorrupt', digest: 'd', got: '', path: 'p' });
      const bytes = { size: 1, open: () => Promise.reject(corrupt) };
      const spec = specFor(harness(), programs.stays, { files: [{ path: 'in/bad', mode: 0o644, bytes }] });
      expect(await failureFrom(runToEnd(harness().containers, spec))).toEqual(corrupt.failure);
    });

    it('writes standard input and closes it', async () => {
      const spec = specFor(harness(), programs.readsStdin, { stdin: Buffer.from('a secret') });
      expect(linesOf(await runToEnd(harness().containers, spec))).toEqual(['a secret', 'end']);
    });

    it('accepts a standard input that nobody reads', async () => {
      const spec = specFor(harness(), programs.lastWords, { stdin: Buffer.alloc(5_000_000, 'x') });
      expect(linesOf(await runToEnd(harness().containers, spec))).toEqual(['first', 'last']);
    });

    it.each([
      ['has the usual /dev/random', {}, ['1000', '1:8', '0'], '0'],
      [
        'has a device of the host over /dev/random that never makes it wait',
        { '/dev/random': '/dev/urandom' },
        ['1000', '1:9', '100000'],
        '100000',
      ],
    ])('%s', async (_title, devices, expected, BYTES) => {
      const spec = specFor(harness(), programs.readsRandom, { env: { BYTES }, devices });
      expect(linesOf(await runToEnd(harness().containers, spec))).toEqual(expected);
    });

    it('refuses an image that the engine does not have', async () => {
      const image = `sha256:${'f'.repeat(64)}`;
      const failure = await failureFrom(runToEnd(harness().containers, specFor(harness(), programs.fails, { image })));
      expect(failure).toMatchObject({ kind: 'SourceMissing', source: image });
    });
  });
}

function open(bytes: Buffer, error?: Error): Promise<Readable> {
  return Promise.resolve(
    Readable.from(
      (function* () {
        for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
        if (error !== undefined) throw error;
      })(),
      { objectMode: false },
    ),
  );
}
