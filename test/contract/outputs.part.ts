import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ContainersHarness } from './containers.contract.ts';
import { failureFrom, runToEnd, specFor, start } from './containers.use.ts';
import { programs } from './programs.ts';

/** What comes out of /out. */
export function outputsContract(harness: () => ContainersHarness): void {
  describe('outputs', () => {
    it('come back with their paths and bytes', async () => {
      const { outputs } = await runToEnd(harness().containers, specFor(harness(), programs.makesOutputs));
      expect([...outputs.keys()].sort()).toEqual(['a.txt', 'none', 'sub/b.bin']);
      expect(outputs.get('a.txt')?.toString()).toBe('one\n');
      expect(outputs.get('none')).toHaveLength(0);
      const sum = (bytes: Buffer | undefined): string => createHash('sha256').update(bytes!).digest('hex');
      expect(sum(outputs.get('sub/b.bin'))).toBe(sum(Buffer.alloc(3_000_000)));
    });

    it('are drained when the consumer does not read them', async () => {
      const seen: string[] = [];
      await harness().containers.run(specFor(harness(), programs.makesOutputs), {
        onLine: () => undefined,
        onOutput: (file) => Promise.resolve(void seen.push(file.path)),
        signal: new AbortController().signal,
      });
      expect(seen.sort()).toEqual(['a.txt', 'none', 'sub/b.bin']);
    });

    it('pass on the error of the consumer', async () => {
      const spec = specFor(harness(), programs.makesOutputs);
      const watched = start(harness().containers, spec, () => Promise.reject(new Error('no room here')));
      await expect(watched.done).rejects.toThrow('no room here');
      expect(await harness().left()).toEqual([]);
    });

    it('do not count after a failure', async () => {
      const watched = start(harness().containers, specFor(harness(), programs.failsWithOutputs));
      expect(await failureFrom(watched.done)).toMatchObject({ kind: 'ContainerExit', code: 1 });
      expect(watched.outputs.size).toBe(0);
    });

    it.each([
      ['symbolic link', 'out/link', programs.makesSymlink],
      ['fifo', 'out/pipe', programs.makesFifo],
    ])('refuse a %s', async (reason, member, program) => {
      const failure = await failureFrom(runToEnd(harness().containers, specFor(harness(), program)));
      expect(failure).toMatchObject({ kind: 'HostileArchive', member, reason });
      expect(await harness().left()).toEqual([]);
    });
  });
}
