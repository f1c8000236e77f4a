import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addEdit, addPatch, rhelShape, type RhelShape, wordsOf } from '../helpers/rhel-shape.ts';
import { expectCode } from '../helpers/run-factory.ts';

/** Edits, patches and configuration that do not fit RHEL 6's kernel.spec: one clear error each, with what to do. */
let shape: RhelShape;
beforeAll(async () => {
  shape = await rhelShape();
});
afterAll(async () => {
  await shape[Symbol.asyncDispose]();
});

const director = async (): Promise<string> => wordsOf(await shape.run(['build', '--only', 'kernel-director']), 4);
const backend = async (...more: readonly string[]): Promise<string> =>
  wordsOf(await shape.run(['build', '--only', 'kernel-backend', ...more]), 4);
const DECLARE = "declareBefore: 'Patch999999: linux-kernel-test.patch'";
/** Lines of a patch of the director's scheduler module; `old`, `last` and `at` as the patch believes them to be. */
const scheduler = (old: string, last: string, at = 5): string[] => [
  '--- a/net/netfilter/ipvs/ip_vs_rr.c',
  '+++ b/net/netfilter/ipvs/ip_vs_rr.c',
  `@@ -${at},7 +${at},7 @@`,
  ' ',
  ' int ip_vs_rr_schedule(int connection)',
  ' {',
  `-\treturn ${old};`,
  '+\treturn (connection + 1) % ip_vs_conn_tab_size();',
  ' }',
  ' ',
  ` ${last}`,
];
const OLD = 'connection % ip_vs_conn_tab_size()';
const LAST = 'MODULE_LICENSE("GPL");';

describe('anchors', () => {
  test('one that is not there: the file, the line, and the nearest one', async () => {
    await shape.change({ from: DECLARE, to: "declareBefore: 'Patch999998: linux-kernel-test.patch'" });
    const words = await director();
    expect(words).toMatch(/edit of kernel\.spec must match exactly one line, but matches 0: Patch999998/);
    expect(words).toMatch(/nearest lines:\n +\d+: Patch999999: linux-kernel-test\.patch\n/);
  });
  test('one that is there three times: every line number', async () => {
    await shape.change({ from: DECLARE, to: "declareBefore: 'cd linux-%{KVERREL}'" });
    expect(await director()).toMatch(/matches 3 \(lines \d+, \d+, \d+\): cd linux-%\{KVERREL\}/);
  });
});

describe('patches', () => {
  test('one that fits, if at another line, is applied, and that is told', async () => {
    await addPatch(shape, scheduler(OLD, LAST, 3));
    const run = await shape.run(['build', '--json', '--only', 'kernel-director']);
    expectCode(run, 0);
    const facts = run.events.flatMap((event) => (event.type === 'step-made' ? [event.record.facts] : [])).at(-1);
    expect(facts?.['patch.lvs-2.6.32-220.23.1.el6.patch']).toMatch(/4 hunks, 0 at another line, 0 with fuzz/);
    expect(facts?.['patch.extra.patch']).toMatch(/1 hunks?, 1 at another line, 0 with fuzz/);
  });
  test('one that would need fuzz: which, where, the hunk, and that fuzz is the reason', async () => {
    await addPatch(shape, scheduler(OLD, 'MODULE_LICENSE("GPL v2");'));
    const run = await shape.run(['build', '--only', 'kernel-director']);
    const words = wordsOf(run, 4);
    expect(words).toMatch(/patch extra\.patch does not apply to net\/netfilter\/ipvs\/ip_vs_rr\.c \(#1 at line 5\)/);
    expect(words).toContain('GPL v2');
    expect(words).toMatch(/would apply with fuzz 1/);
  });
  test('one that does not fit at all: which, where, the hunk', async () => {
    await addPatch(shape, scheduler('connection / 2', LAST));
    const words = await director();
    expect(words).toMatch(/patch extra\.patch does not apply to net\/netfilter\/ipvs\/ip_vs_rr\.c \(#1 at line 5\)/);
    expect(words).toContain('return connection / 2;');
    expect(words).not.toMatch(/would apply with fuzz \d\b/);
  });
  test('one for a file that is not there', async () => {
    const lines = scheduler(OLD, LAST).map((line) => line.replace('ip_vs_rr.c', 'ip_vs_wrr.c'));
    await addPatch(shape, lines);
    expect(await director()).toMatch(/patch extra\.patch does not apply to net\/netfilter\/ipvs\/ip_vs_wrr\.c/);
  });
  test('one that upstream has already', async () => {
    await addPatch(shape, [
      '--- a/net/netfilter/ipvs/ip_vs_rr.c',
      '+++ b/net/netfilter/ipvs/ip_vs_rr.c',
      '@@ -1,3 +1,4 @@',
      ' // SPDX-License-Identifier: Apache-2.0',
      ' #include <linux/module.h>',
      ' ',
      '+int ip_vs_conn_tab_size(void);',
    ]);
    expect(await director()).toMatch(/patch extra\.patch does not apply to net\/netfilter\/ipvs\/ip_vs_rr\.c/);
  });
  test('one of nine lines, which ApplyOptionalPatch would pass over', async () => {
    const short = [
      '--- a/firmware/fixture.fw',
      '+++ b/firmware/fixture.fw',
      '@@ -1 +1 @@',
      '-firmware of the test kernel',
      '+new',
    ];
    await addPatch(shape, ['', ...short], {
      from: 'applyWith: ApplyPatch {name}',
      to: 'applyWith: ApplyOptionalPatch {name}',
    });
    const words = await director();
    expect(words).toMatch(/extra\.patch has 9 lines/);
    expect(words).toContain('applyWith: ApplyPatch {name}');
  });
});

describe('kernel configuration', () => {
  test('a patch brings a symbol, and the recipe no value: found before anything is built', async () => {
    await addPatch(shape, [
      '--- a/net/netfilter/ipvs/Kconfig',
      '+++ b/net/netfilter/ipvs/Kconfig',
      '@@ -27,6 +27,9 @@',
      ' config IP_VS_PROTO_TCP',
      ' \tbool "TCP"',
      ' ',
      '+config\tIP_VS_PROTO_SCTP',
      '+\tbool "SCTP"',
      '+',
      ' config IP_VS_RR',
      ' \ttristate "Round-robin scheduling"',
      ' ',
    ]);
    const words = await director();
    expect(words).toMatch(/extra\.patch brings CONFIG_IP_VS_PROTO_SCTP/);
    expect(words).toContain('config.add');
    expect(words).not.toContain('nonint_oldconfig');
  });
  test('the backend without CONFIG_TOA, both ways', async () => {
    await shape.change({ from: '      add:\n        CONFIG_TOA: m\n', to: '' });
    expect(await backend()).toMatch(/toa-2\.6\.32-220\.23\.1\.el6\.patch brings CONFIG_TOA/);
    const words = await backend('--kernel-source', 'patched-tree');
    expect(words).toMatch(/kernel configuration: nothing says what CONFIG_TOA shall be/);
    expect(words).toContain('config.add');
  });
  test('a symbol without a value reaches nonint_oldconfig', async () => {
    const taken = ['op: replace', 'file: config-generic', 'line: CONFIG_IP_VS_PROTO_TCP=y', "with: '# taken out'"];
    await shape.change(addEdit(...taken));
    expect(await director()).toMatch(/nothing says what CONFIG_IP_VS_PROTO_TCP shall be/);
  });
  test('TAB_BITS=22 where only the patched kernel knows that', async () => {
    await shape.change(
      { from: 'CONFIG_IP_VS_TAB_BITS: 20', to: 'CONFIG_IP_VS_TAB_BITS: 22' },
      { from: / {4}patches:\n(?: {6}.*\n)+/, to: '' },
      { from: 'sources: [toa-patch]', to: 'sources: [toa-patch, lvs-patch]' },
    );
    const words = await director();
    expect(words).toMatch(/^error .*CONFIG_IP_VS_TAB_BITS/m);
    expect(words).toContain('out of range');
  });
  test('a value that a stronger fragment overrides: symbol, want, got', async () => {
    // Set in config-generic, but config-x86_64-generic-rhel is stronger.
    await shape.change(
      { from: 'CONFIG_IP_VS_TAB_BITS: 20', to: 'CONFIG_IP_VS_TAB_BITS: 20\n        CONFIG_NR_CPUS: 100' },
      { from: '        CONFIG_NR_CPUS: 4096\n', to: '' },
    );
    const words = await director();
    expect(words).toMatch(/CONFIG_NR_CPUS +100 +4096/);
    expect(words).toContain('config-x86_64-generic-rhel');
  });
});
