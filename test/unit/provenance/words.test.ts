import { expect, test } from 'vitest';
import { licencesOf } from '../../../pipeline/provenance/licence.ts';
import { parsePrimary } from '../../../pipeline/provenance/primary.ts';
import { debPurl, genericPurl, ociPurl, rpmPurl } from '../../../pipeline/provenance/purl.ts';

test('package URLs', () => {
  const rpm = { name: 'kernel', version: '2.6.32', release: '220.el6', epoch: '0', arch: 'x86_64' };
  expect(rpmPurl(rpm)).toBe('pkg:rpm/fullnat-factory/kernel@2.6.32-220.el6?arch=x86_64');
  expect(rpmPurl({ ...rpm, version: '1~rc1+git^2', epoch: '2' })).toBe(
    'pkg:rpm/fullnat-factory/kernel@1~rc1%2Bgit%5E2-220.el6?arch=x86_64&epoch=2',
  );
  expect(debPurl('linux', '6.1.1-1', true)).toBe('pkg:deb/debian/linux@6.1.1-1?arch=source');
  expect(debPurl('linux-source-6.1', '1:6.1', false)).toBe('pkg:deb/debian/linux-source-6.1@1:6.1');
  expect(genericPurl('a b.tar', 'ab', 'http://h/?a=b&c')).toBe(
    'pkg:generic/a%20b.tar?checksum=sha256:ab&download_url=http:%2F%2Fh%2F%3Fa%3Db%26c',
  );
  expect(ociPurl('docker.io/library/debian', 'sha256:ab')).toBe(
    'pkg:oci/debian@sha256:ab?repository_url=docker.io%2Flibrary%2Fdebian',
  );
});

test('licences: SPDX only where it says exactly the same', () => {
  expect(licencesOf('GPLv2')).toEqual([{ license: { id: 'GPL-2.0-only' } }]);
  expect(licencesOf('GPLv2+ with exceptions')).toEqual([
    { license: { name: 'GPLv2+ with exceptions', acknowledgement: 'declared' } },
  ]);
  expect(licencesOf('')).toEqual([]);
});

const PACKAGE = `<package type="rpm">
  <name>libfoo++</name>
  <arch>src</arch>
  <version epoch="1" ver="2.0" rel="3.el6"/>
  <checksum type="sha256" pkgid="YES">00</checksum>
  <summary>A &lt;b&gt; &amp;amp; &#233;&#x21;</summary>
  <location href="SRPMS/libfoo.src.rpm"/>
  <format><rpm:license>GPLv2 &amp; more</rpm:license></format>
</package>`;
const metadata = (count: number, body: string): string => `<metadata xmlns="x" packages="${count}">${body}</metadata>`;

test('primary.xml: one package, entities decoded once', () => {
  expect([...parsePrimary(metadata(1, PACKAGE)).values()]).toEqual([
    {
      name: 'libfoo++',
      epoch: '1',
      version: '2.0',
      release: '3.el6',
      arch: 'src',
      summary: 'A <b> &amp; é!',
      license: 'GPLv2 & more',
      path: 'SRPMS/libfoo.src.rpm',
    },
  ]);
});

test('primary.xml: what is missing or not recognised is an error', () => {
  expect(() => parsePrimary(metadata(2, PACKAGE))).toThrow('1 packages found, it says 2');
  expect(() => parsePrimary('')).toThrow('it says nothing');
  expect(() => parsePrimary(metadata(1, PACKAGE.replace('rpm:license', 'license')))).toThrow('license');
});
