import { expect, test } from 'vitest';
import { parseRpmFileName } from '../../../pipeline/rpm/nevra.ts';

test.each([
  ['kernel-2.6.32-220.23.1.el6.ipvs_20bit.x86_64.rpm', 'kernel', '2.6.32', '220.23.1.el6.ipvs_20bit', 'x86_64'],
  ['kernel-devel-2.6.32-220.23.1.el6.x86_64.rpm', 'kernel-devel', '2.6.32', '220.23.1.el6', 'x86_64'],
  ['perl-ExtUtils-Embed-1.28-119.el6_1.1.noarch.rpm', 'perl-ExtUtils-Embed', '1.28', '119.el6_1.1', 'noarch'],
  ['kernel-firmware-2.6.32-220.23.1.el6.toa.noarch.rpm', 'kernel-firmware', '2.6.32', '220.23.1.el6.toa', 'noarch'],
  ['kernel-headers-2.6.32-220.23.1.el6.toa.x86_64.rpm', 'kernel-headers', '2.6.32', '220.23.1.el6.toa', 'x86_64'],
  ['kernel-2.6.32-220.23.1.el6.src.rpm', 'kernel', '2.6.32', '220.23.1.el6', 'src'],
  ['kernel-debug-devel-2.6.32-71.el6.i686.rpm', 'kernel-debug-devel', '2.6.32', '71.el6', 'i686'],
  ['python-perf-2.6.32-754.35.1.el6.x86_64.rpm', 'python-perf', '2.6.32', '754.35.1.el6', 'x86_64'],
  ['perf-2.6.32-220.23.1.el6.x86_64.rpm', 'perf', '2.6.32', '220.23.1.el6', 'x86_64'],
  ['keepalived-1.2.13-5.el6_6.x86_64.rpm', 'keepalived', '1.2.13', '5.el6_6', 'x86_64'],
  ['quagga-0.99.15-5.el6_0.2.x86_64.rpm', 'quagga', '0.99.15', '5.el6_0.2', 'x86_64'],
  ['compat-libstdc++-33-3.2.3-69.el6.x86_64.rpm', 'compat-libstdc++-33', '3.2.3', '69.el6', 'x86_64'],
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
