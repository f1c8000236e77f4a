import { describe, expect, it } from 'vitest';
import type { RunSpec } from '../../pipeline/tools/tools.ts';
import type { ContainersHarness } from './containers.contract.ts';
import { failureFrom, linesOf, runToEnd, specFor } from './containers.use.ts';
import { programs } from './programs.ts';

const DIRS = '/ /etc /bin /root /in /in/sub /step /out /tmp /var/tmp /work /memory /cache';

/** What a command can do to the container that it runs in, and to the machine. */
export function isolationContract(harness: () => ContainersHarness): void {
  const writing = (more: Partial<RunSpec>): RunSpec =>
    specFor(harness(), programs.triesToWrite, {
      env: { DIRS },
      files: [
        { path: 'in/a.txt', mode: 0o644, bytes: Buffer.from('text\n') },
        { path: 'in/sub/b.txt', mode: 0o644, bytes: Buffer.from('') },
        { path: 'step/c.sh', mode: 0o755, bytes: Buffer.from('') },
      ],
      ...more,
    });

  describe('isolation', () => {
    it.each(['builder', 'root'] as const)('%s writes nowhere but where the spec says', async (user) => {
      const volumes = { '/cache': `contract-${Math.random().toString(36).slice(2)}` };
      const spec = writing({ user, scratch: ['/work'], tmpfs: { '/memory': 1024 ** 2 }, volumes });
      const expected = ['/out', '/tmp', '/var/tmp', '/work', '/memory', '/cache', 'text'];
      expect(linesOf(await runToEnd(harness().containers, spec))).toEqual(expected);
      expect(await harness().left()).toEqual([]);
      expect(await harness().leftVolumes()).toEqual([]);
    });

    it('a root that must be writable is, for root', async () => {
      const lines = linesOf(await runToEnd(harness().containers, writing({ user: 'root', writableRoot: 'a test' })));
      expect(lines).toEqual(expect.arrayContaining(['/', '/etc', '/in', '/out', 'text']));
    });

    it('has no more processes than it may', async () => {
      const spec = specFor(harness(), programs.startsProcesses);
      const failure = await failureFrom(runToEnd(harness().containers, spec));
      expect(failure).toMatchObject({ kind: 'TooManyProcesses', step: spec.step, limit: 2048 });
      expect(await harness().left()).toEqual([]);
    });

    it('has no more memory than it may', async () => {
      const spec = specFor(harness(), programs.eatsMemory, { memoryBytes: 64 * 1024 ** 2 });
      const failure = await failureFrom(runToEnd(harness().containers, spec));
      expect(failure).toMatchObject({ kind: 'ContainerExit', step: spec.step, oom: true });
      expect(await harness().leftVolumes()).toEqual([]);
    });

    it('has the memory that it may', async () => {
      const spec = specFor(harness(), programs.eatsMemory);
      expect(linesOf(await runToEnd(harness().containers, spec))).toEqual(['done']);
    });

    it('refuses a file that no command would see', async () => {
      const lost = [{ path: 'opt/a', mode: 0o644, bytes: Buffer.from('') }];
      await expect(runToEnd(harness().containers, writing({ files: lost }))).rejects.toThrow('no volume for the file');
    });
  });
}
