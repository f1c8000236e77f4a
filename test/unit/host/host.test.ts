import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FactoryError } from '../../../pipeline/run/failure.ts';
import type { Failure } from '../../../pipeline/run/failure.ts';
import { createHost } from '../../../pipeline/tools/host/index.ts';
import type { Host } from '../../../pipeline/tools/tools.ts';

interface Rig extends AsyncDisposable {
  readonly dir: string;
  readonly host: Host;
  readonly lines: string[];
  run(
    script: string,
    options?: { env?: Record<string, string>; signal?: AbortSignal; onLine?: (l: string) => void },
  ): Promise<void>;
  failure(...args: Parameters<Rig['run']>): Promise<Failure>;
}

async function startRig(graceMs = 5000): Promise<Rig> {
  const dir = await mkdtemp(join(tmpdir(), 'host-'));
  const host = createHost({ env: { PATH: `${dir}/bin:/usr/bin:/bin`, SECRET: 'x' }, graceMs });
  const lines: string[] = [];
  const run: Rig['run'] = async (script, { env = {}, signal, onLine } = {}) => {
    const path = join(dir, 'task.sh');
    await writeFile(path, script, { mode: 0o644 });
    const note = (line: string): void => {
      lines.push(line);
      onLine?.(line);
    };
    await host.script(path, env, note, signal ?? new AbortController().signal);
  };
  return {
    dir,
    host,
    lines,
    run,
    async failure(...args) {
      try {
        await run(...args);
      } catch (error) {
        if (error instanceof FactoryError) return error.failure;
        throw error;
      }
      throw new Error('the script should have failed');
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true }),
  };
}

describe('scripts', () => {
  test('have only PATH and what is given in their environment', async () => {
    await using rig = await startRig();
    await rig.run('#!/bin/sh\nexec env\n', { env: { MIRROR: 'http://a b/' } });
    expect(rig.lines.sort()).toEqual([
      'MIRROR=http://a b/',
      expect.stringMatching(/^PATH=/),
      expect.stringMatching(/^PWD=/),
    ]);
  });

  test('need no mode bits, and get the interpreter that they name', async () => {
    await using rig = await startRig();
    await rig.run('#! /usr/bin/env bash\n[[ a == a ]] && echo "$BASH_VERSION"\n');
    expect(rig.lines).toEqual([expect.stringMatching(/^\d/)]);
    rig.lines.length = 0;
    await rig.run('#!/bin/sh -x\necho plain\n');
    await rig.run('echo none\n');
    expect(rig.lines.sort()).toEqual(['+ echo plain', 'none', 'plain']);
  });

  test('both streams arrive in lines, also the last one without an end', async () => {
    await using rig = await startRig();
    await rig.run(String.raw`#!/bin/sh
printf 'one\ntw'
printf 'err\303' >&2
printf 'o\r\n\nlast'
printf '\274\n' >&2
`);
    expect(rig.lines.filter((line) => line !== 'errü')).toEqual(['one', 'two', '', 'last']);
    expect(rig.lines).toContain('errü');
  });

  test('a failure has the name, the code and the last lines', async () => {
    await using rig = await startRig();
    const failure = await rig.failure('#!/bin/sh\nseq 1 50\nexit 7\n');
    const tail = Array.from({ length: 40 }, (_, index) => String(index + 11));
    expect(failure).toEqual({ kind: 'ContainerExit', step: 'task.sh', code: 7, oom: false, tail });
  });

  test('a signal counts like in a shell', async () => {
    await using rig = await startRig();
    expect(await rig.failure('#!/bin/sh\nkill -9 $$\n')).toMatchObject({ kind: 'ContainerExit', code: 137 });
  });

  test('an interpreter that is not there', async () => {
    await using rig = await startRig();
    const failure = await rig.failure('#!/no/such/shell\n');
    expect(failure).toMatchObject({
      kind: 'ContainerExit',
      code: 127,
      tail: [expect.stringContaining('/no/such/shell')],
    });
  });

  test.each([
    ['politely', '', 5000],
    ['with force when it does not listen', "trap '' TERM", 50],
  ])('cancelling ends it and its children %s', async (_title, trap, graceMs) => {
    await using rig = await startRig(graceMs);
    const cancel = new AbortController();
    const script = `#!/bin/sh\n${trap}\n(${trap}\n sleep 60) &\necho "$!"\nwait\n`;
    const failure = await rig.failure(script, { signal: cancel.signal, onLine: () => cancel.abort() });
    expect(failure).toEqual({ kind: 'Cancelled' });
    const child = Number(rig.lines[0]);
    await expect.poll(() => isRunning(child)).toBe(false);
  });

  test('does not start when cancelled before', async () => {
    await using rig = await startRig();
    expect(await rig.failure('#!/bin/sh\necho x\n', { signal: AbortSignal.abort() })).toEqual({ kind: 'Cancelled' });
    expect(rig.lines).toEqual([]);
  });

  test.each(['sleep 60 &', 'sleep 60 >/dev/null 2>&1 &'])('takes children along that outlive it: %s', async (start) => {
    await using rig = await startRig(50);
    await rig.run(`#!/bin/sh\n${start}\necho $!\n`);
    await expect.poll(() => isRunning(Number(rig.lines[0]))).toBe(false);
  });

  test('does not wait for a child that left the group and holds the output open', async () => {
    await using rig = await startRig(50);
    await rig.run('#!/bin/sh\nsetsid sleep 60 &\necho $!\n');
    process.kill(Number(rig.lines[0]));
    expect(rig.lines).toHaveLength(1);
  });
});

/** A process that nobody has waited for yet is over all the same. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}

test('has looks for programs in PATH', async () => {
  await using rig = await startRig();
  await mkdir(join(rig.dir, 'bin', 'folder'), { recursive: true });
  await writeFile(join(rig.dir, 'bin', 'tool'), '');
  expect(await rig.host.has('sh')).toBe(true);
  expect(await rig.host.has('/bin/sh')).toBe(true);
  expect(await rig.host.has('no-such-program')).toBe(false);
  expect(await rig.host.has('folder')).toBe(false);
  expect(await rig.host.has('tool')).toBe(false);
  await chmod(join(rig.dir, 'bin', 'tool'), 0o755);
  expect(await rig.host.has('tool')).toBe(true);
});

test('the apt mirrors come from the given root', async () => {
  await using rig = await startRig();
  const host = createHost({ aptRoot: rig.dir, env: {} });
  expect(await host.aptMirrors()).toEqual({ archives: null, secretHosts: [] });
});
