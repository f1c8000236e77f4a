import { describe, expect, test } from 'vitest';
import type { Artifact } from '../../../pipeline/plan/artifact.ts';
import { readPackages, requireModules } from '../../../pipeline/stages/install-manifest-facts.ts';
import { digest } from '../plan/recipes.ts';
import { thrown } from '../recipe/hello-copy.ts';

const rpm = (name: string, hex: string): Artifact<'signed-rpm'> => {
  return { kind: 'signed-rpm', name: `${name}.rpm`, digest: digest(hex), size: 10 };
};
const rpms = [rpm('kernel-1-1.x86_64', '1'), rpm('tool-2-1.noarch', '2')];
const KEY = 'A'.repeat(40);
const line = (file: string, nevra: string, sha256: string, size = 10): string =>
  `${[file, nevra.split('-')[0], 0, nevra, nevra.split('.').at(-1), sha256, size, KEY].join('\t')}\n`;
const KERNEL = line('kernel-1-1.x86_64.rpm', 'kernel-1-1.x86_64', digest('1'));
const TOOL = line('tool-2-1.noarch.rpm', 'tool-2-1.noarch', digest('2'));

describe('what make-manifest.sh read', () => {
  test('comes in the order of the recipe', () => {
    const packages = readPackages(TOOL + KERNEL, rpms, 's');
    expect(packages.map(({ name, nevra, file }) => [name, nevra, file])).toEqual([
      ['kernel', 'kernel-1-1.x86_64', 'RPMS/kernel-1-1.x86_64.rpm'],
      ['tool', 'tool-2-1.noarch', 'RPMS/tool-2-1.noarch.rpm'],
    ]);
  });

  test.each([
    ['a package too few', KERNEL, '1 packages were read, not 2'],
    ['a package twice', KERNEL + KERNEL, 'tool-2-1.noarch.rpm was not read'],
    [
      'other contents than the name says',
      KERNEL + TOOL.replace('\ttool-2', '\ttool-3'),
      'tool-2-1.noarch.rpm holds tool-3-1.noarch',
    ],
    [
      'other bytes',
      KERNEL + TOOL.replaceAll(digest('2'), digest('3')),
      'tool-2-1.noarch.rpm was read with other bytes',
    ],
    ['another size', KERNEL + TOOL.replace('\t10\t', '\t11\t'), 'tool-2-1.noarch.rpm was read with other bytes'],
    ['a line without a key', KERNEL + TOOL.replace(`\t${KEY}`, ''), 'tool-2-1.noarch.rpm was not read'],
  ])('%s is refused', (_name, tsv, detail) => {
    expect(thrown('ReceiptMismatch', () => readPackages(tsv, rpms, 's'))).toEqual({
      kind: 'ReceiptMismatch',
      step: 's',
      detail,
    });
  });
});

describe('modules that hosts shall load', () => {
  const devices = 'devices 1 r\nalias pci:x net_card\nmodule ext4 builtin\nmodule net_card module\n';

  test('are modules of the kernel, with - and _ the same', () => {
    expect(() => requireModules([{ name: 'net-card' }, { name: 'net_card' }], devices, 's')).not.toThrow();
  });

  test('one that is built in, and one that is not there', () => {
    const { checks } = thrown('ChecksFailed', () => requireModules([{ name: 'ext4' }, { name: 'card' }], devices, 's'));
    expect(checks.map(({ id, got }) => `${id}: ${got}`)).toEqual([
      'module ext4: is built in: take it out of the recipe',
      'module card: the kernel has no such module',
    ]);
  });
});
