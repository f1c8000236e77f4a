import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addEdit, addPatch, rhelShape, type RhelShape, wordsOf } from '../helpers/rhel-shape.ts';

/** What goes wrong only once RHEL 6's kernel.spec is at work, and with the tools: one clear error each, with what to do. */
let shape: RhelShape;
beforeAll(async () => {
  shape = await rhelShape();
});
afterAll(async () => {
  await shape[Symbol.asyncDispose]();
});

const DIRECTOR = ['build', '--only', 'kernel-director'];
const director = async (): Promise<string> => wordsOf(await shape.run(DIRECTOR), 4);

describe('modules', () => {
  // The last words of the line that the recipe puts in the place of the spec's.
  const GENERATED = 'no key within five minutes)"; exit 1; }';
  test('gpg leaves no secret keyring, as from version 2.1 on: known right after %prep', async () => {
    await shape.change({ from: GENERATED, to: `${GENERATED}; rm kernel.sec` });
    const run = await shape.run(DIRECTOR);
    expect(wordsOf(run, 4)).toMatch(
      /the key that signs the kernel modules was not made: kernel\.sec is empty or missing/,
    );
    expect(run.stderr).not.toContain('BUILDING A KERNEL');
  });
  test('gpg fails: known at once', async () => {
    await shape.change({ from: 'timeout 300 gpg --homedir .', to: 'timeout 300 gpg --homedir . --no-such-option' });
    const run = await shape.run(DIRECTOR);
    expect(wordsOf(run, 4)).toMatch(/the key that signs the kernel modules was not made: gpg ended with 2 /);
    expect(run.stderr).not.toContain('BUILDING A KERNEL');
  });
  test('none is signed, and nobody looked for the key: the spec finds it after the compile', async () => {
    await shape.change(
      { from: GENERATED, to: `${GENERATED}; rm kernel.sec` },
      { from: 'kernel.pub kernel.sec extract.pub', to: 'kernel.pub extract.pub' },
    );
    const run = await shape.run(DIRECTOR);
    expect(wordsOf(run, 4)).toMatch(/kernel modules are not signed/);
    expect(run.stderr).toContain('ERROR: modules are NOT signed');
  });
  test('some are not signed, which the spec itself does not see', async () => {
    await addPatch(shape, [
      '--- a/scripts/mod/sign.sh',
      '+++ b/scripts/mod/sign.sh',
      '@@ -5,4 +5,8 @@',
      ' # Puts an ELF note "module.sig" into a module: where RHEL 6\'s signatures are. What it holds only has to depend on the key.',
      ' set -e',
      '+if [ "$3" = drivers/net/dummy.ko ]; then',
      '+  cp "$2" "$3"',
      '+  exit 0',
      '+fi',
      ' cat "$1" "$2" | sha256sum | cut -c 1-64 >"$3.digest"',
      ' cat >"$3.sig.S" <<END',
    ]);
    expect(await director()).toMatch(/kernel modules are not signed: 1 of 5.*drivers\/net\/dummy\.ko/);
  });
});

test('a patch that does not compile: what make or the compiler says', async () => {
  await addPatch(shape, [
    '--- a/net/netfilter/ipvs/ip_vs_rr.c',
    '+++ b/net/netfilter/ipvs/ip_vs_rr.c',
    '@@ -4,3 +4,4 @@',
    ' int ip_vs_conn_tab_size(void);',
    '+int nonsense(;',
    ' ',
    ' int ip_vs_rr_schedule(int connection)',
  ]);
  const run = await shape.run(DIRECTOR);
  expect(wordsOf(run, 4)).toMatch(/^error .*(ip_vs_rr\.ko\.unsigned\] Error 1|ip_vs_rr\.c:5:.* error: )/m);
  expect(run.stderr).toMatch(/^ {2}\| net\/netfilter\/ipvs\/ip_vs_rr\.c:5:.* error: /m);
});

describe('packaging', () => {
  test('the check of the kernel interface left on: a patched kernel never passes it', async () => {
    await shape.change({ from: '      - --without kabichk\n', to: '' });
    const words = await director();
    expect(words).toMatch(/^error the kernel ABI check failed/m);
    expect(words).toContain('--without kabichk');
  });
  test('a file that no package lists', async () => {
    await shape.change(
      addEdit('op: insert-before', 'file: kernel.spec', "line: '%clean'", 'text: echo x >$RPM_BUILD_ROOT/boot/extra'),
    );
    expect(await director()).toMatch(/files were installed that no package lists: .*\/boot\/extra/);
  });
  test('a file that is listed and not there', async () => {
    await shape.change(
      addEdit('op: insert-before', 'file: kernel.spec', 'line: /usr/include/*', 'text: /usr/share/not-there'),
    );
    expect(await director()).toMatch(/a package lists files that were not installed: .*\/usr\/share\/not-there/);
  });
  test('the one folder of a ready-patched tree is called otherwise: what it is called', async () => {
    await shape.change({ from: /top: linux-2\.6\.32.*lvs\n/, to: 'top: linux-lvs\n' });
    const words = wordsOf(await shape.run([...DIRECTOR, '--kernel-source', 'patched-tree']), 3);
    expect(words).toMatch(/must hold the folder linux-lvs .*it holds: linux-2\.6\.32-220\.23\.1\.el6\.x86_64\.lvs/);
  });
});

describe('tools', () => {
  const tools = async (): Promise<string> => wordsOf(await shape.run(['build', '--only', 'tools']), 4);
  test('keepalived without IPVS', async () => {
    await shape.change({
      file: 'lvs-tools.spec',
      from: '--with-kernel-dir=$kernel',
      to: '--with-kernel-dir=/lib/modules',
    });
    const words = await tools();
    expect(words).toMatch(/keepalived was configured without IPVS/);
    expect(words).toContain('kernel-devel');
  });
  test("another kernel's headers", async () => {
    await shape.change({ from: '- package: kernel-director\n', to: '- package: kernel-backend\n' });
    expect(await tools()).toMatch(/built against another kernel: 2\.6\.32-220\.23\.1\.el6\.toa\.x86_64 in place of/);
  });
});

test('an image that the engine does not have', async () => {
  await shape.change();
  const words = wordsOf(await shape.run([...DIRECTOR, '--builder-image', 'no-such-image:1']), 6);
  expect(words).toMatch(/the engine has no image no-such-image:1/);
});
