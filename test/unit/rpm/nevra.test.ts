import { expect, test } from 'vitest';
import { parseRpmFileName } from '../../../pipeline/rpm/nevra.ts';

test.each([
  ['kernel-2.6.32-220.23.1.el6.ipvs_20bit.x86_64.rpm', 'kernel', '2.6.32', '220.23.1.el6.ipvs_20bit', 'x86_64'],
  ['kernel-devel-2.6.32-220.23.1.el6.x86_64.rpm', 'kernel-devel', '2.6.32', '220.23.1.el6', 'x86_64'],
  ['perl-ExtUtils-Embed-1.28-119.el6_1.1.noarch.rpm', 'perl-ExtUtils-Embed', '1.28', '119.el6_1.1', 'noarch'],
  ['lvs-tools-1.0-1.src.rpm', 'lvs-tools', '1.0', '1', 'src'],
  ['libstdc++-6.1.176~rc1-1^git.x86_64.rpm', 'libstdc++', '6.1.176~rc1', '1^git', 'x86_64'],
])('%s', (file, name, version, release, arch) => {
  expect(parseRpmFileName(file)).toEqual({ name, version, release, arch });
});

test.each([
  '',
  'kernel.rpm',
  'kernel-1.rpm',
  'kernel-1-2.rpm',
  '-1-2.x86_64.rpm',
  'a/kernel-1-2.x86_64.rpm',
  'k-1-2.i686',
])('refuses %j', (file) => {
  expect(() => parseRpmFileName(file)).toThrow(TypeError);
});
