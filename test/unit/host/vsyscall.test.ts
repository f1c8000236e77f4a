import { release } from 'node:os';
import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { vsyscallFinding } from '../../../pipeline/cli/doctor-vsyscall.ts';
import { createHost } from '../../../pipeline/tools/host/index.ts';
import { sharesKernel, vsyscallOf } from '../../../pipeline/tools/host/vsyscall.ts';

/** Ends of real /proc/self/maps. */
const STACK = '7ffc7444a000-7ffc7446b000 rw-p 00000000 00:00 0                          [stack]\n';
const VDSO = '7fff1b1fe000-7fff1b1ff000 r-xp 00000000 00:00 0                          [vdso]\n';
const page = (mode: string): string =>
  `${STACK}${VDSO}ffffffffff600000-ffffffffff601000 ${mode} 00000000 00:00 0                  [vsyscall]\n`;

/** /proc/cmdline of a small virtual machine, with arguments for init behind the kernel's. */
const CMDLINE =
  'mitigations=auto console=ttyS0 quiet reboot=k panic=1 nomodule random.trust_cpu=1 rdinit=/init -- --vsyscall=native vsyscall=native\n';

describe('vsyscallOf', () => {
  test.each([
    ['no page', STACK + VDSO, CMDLINE, 'none'],
    ['nothing at all', '', '', 'none'],
    ['a file of that name', `${STACK}7f00-7f01 r-xp 00000000 fe:00 1 /tmp/[vsyscall]\n`, '', 'none'],
    ['a page that can only be executed', page('--xp'), CMDLINE, 'xonly'],
    ['the same, whatever was asked for', page('--xp'), 'vsyscall=native', 'xonly'],
    ['a readable page', page('r-xp'), CMDLINE, 'emulate'],
    ['a page asked for', page('r-xp'), 'ro quiet vsyscall=emulate\n', 'emulate'],
    ['a native page', page('r-xp'), 'ro vsyscall=native quiet\n', 'native'],
    ['the last word', page('r-xp'), 'vsyscall=native vsyscall=emulate\n', 'emulate'],
    ['another argument', page('r-xp'), 'x.vsyscall=native xvsyscall=native\n', 'emulate'],
  ] as const)('%s', (_title, maps, cmdline, want) => {
    expect(vsyscallOf(maps, cmdline)).toBe(want);
  });
});

const HERE = { platform: 'linux', arch: 'x64', kernel: '6.1.0-9-amd64' };
const ENGINE = { endpoint: 'unix:///var/run/docker.sock', arch: 'x86_64', kernel: HERE.kernel };

test.each([
  ['the local engine', {}, {}, true],
  ['an engine elsewhere', { endpoint: 'tcp://builder:2375' }, {}, false],
  ['a socket into a virtual machine', { kernel: '6.10.14-linuxkit' }, {}, false],
  ['another processor', { arch: 'aarch64' }, { arch: 'arm64' }, false],
  ['a machine without /proc', {}, { platform: 'darwin' }, false],
])('shares its kernel: %s', (_title, engine, here, want) => {
  expect(sharesKernel({ ...ENGINE, ...engine }, { ...HERE, ...here })).toBe(want);
});

test('the host answers for an engine on its own kernel, and for no other', async () => {
  const host = createHost({ env: {} });
  const engine = { ...ENGINE, kernel: release() };
  expect(await host.vsyscall({ ...engine, endpoint: 'tcp://builder:2375' })).toBe('unknown');
  const isX86 = process.platform === 'linux' && process.arch === 'x64';
  const here = isX86
    ? vsyscallOf(await readFile('/proc/self/maps', 'utf8'), await readFile('/proc/cmdline', 'utf8'))
    : 'unknown';
  expect(await host.vsyscall(engine)).toBe(here);
});

describe('what doctor says', () => {
  test.each(['xonly', 'emulate', 'native'] as const)('%s is fine', (state) => {
    expect(vsyscallFinding(state, true)).toMatchObject({ state: 'ok', advice: [] });
  });

  test('none is bad for a recipe with an old base only', () => {
    const { state, detail, advice } = vsyscallFinding('none', true);
    expect(state).toBe('bad');
    expect(detail).toContain('139');
    expect(advice.join()).toContain('vsyscall=emulate');
    expect(vsyscallFinding('none', false)).toMatchObject({ state: 'ok', advice: [] });
  });

  test('unknown is worth a look for such a recipe', () => {
    expect(vsyscallFinding('unknown', true)).toMatchObject({ state: 'warning' });
    expect(vsyscallFinding('unknown', false)).toMatchObject({ state: 'ok' });
  });
});
