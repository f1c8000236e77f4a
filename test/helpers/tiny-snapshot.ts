import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { asSha256 } from '../../pipeline/plan/artifact.ts';
import { snapshotId } from '../../pipeline/plan/snapshot.ts';
import type { SigningKey } from './signing-key.ts';

/** A complete signed snapshot, small enough to be published hundreds of times: path to bytes. */
export type TinySnapshot = ReadonlyMap<string, Buffer>;

/** A snapshot with one package, whose name and contents come from `version`, and an index that dnf reads. */
export function tinySnapshot(version: string, key: SigningKey): TinySnapshot {
  const rpm = Buffer.from(`no real package: ${version}\n`.repeat(40));
  const location = `RPMS/tiny-${version}-1.noarch.rpm`;
  const primary = gzipSync(primaryXml(version, location, rpm));
  const filelists = gzipSync(
    `<?xml version="1.0"?>\n<filelists xmlns="http://linux.duke.edu/metadata/filelists" packages="1"><package pkgid="${sha256(rpm)}" name="tiny" arch="noarch"><version epoch="0" ver="${version}" rel="1"/></package></filelists>\n`,
  );
  const files = new Map<string, Buffer>([
    ['RPM-GPG-KEY-factory', Buffer.from(key.publicKey)],
    [location, rpm],
    [
      'manifest.json',
      Buffer.from(`${JSON.stringify({ schema: 1, recipe: 'tiny', signedBy: key.fingerprint }, null, 2)}\n`),
    ],
    ['repodata/filelists.xml.gz', filelists],
    ['repodata/primary.xml.gz', primary],
    ['repodata/repomd.xml', Buffer.from(repomdXml(version, { primary, filelists }))],
  ]);
  const sums = Buffer.from([...files].map(([path, bytes]) => `${sha256(bytes)}  ${path}\n`).join(''));
  files.set('SHA256SUMS', sums);
  for (const path of ['SHA256SUMS', 'repodata/repomd.xml'])
    files.set(`${path}.asc`, Buffer.from(key.sign(files.get(path) ?? Buffer.alloc(0))));
  return files;
}

/** The id of a tiny snapshot that was made `seconds` after the beginning of 2026. */
export function tinyId(files: TinySnapshot, seconds: number): string {
  const content = asSha256(sha256(files.get('SHA256SUMS') ?? Buffer.alloc(0)));
  return snapshotId(new Date(Date.UTC(2026, 0, 1) + seconds * 1000), content);
}

/** Writes it to a directory. */
export function writeTiny(files: TinySnapshot, dir: string): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
}

/** Digest in hexadecimal digits. */
export function sha256(bytes: Buffer | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function primaryXml(version: string, location: string, rpm: Buffer): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="1">
<package type="rpm"><name>tiny</name><arch>noarch</arch><version epoch="0" ver="${version}" rel="1"/>
<checksum type="sha256" pkgid="YES">${sha256(rpm)}</checksum><summary>tiny</summary><description>tiny</description>
<packager/><url/><time file="1" build="1"/><size package="${rpm.length}" installed="1" archive="1"/>
<location href="${location}"/><format><rpm:license>none</rpm:license><rpm:group>none</rpm:group></format></package>
</metadata>
`;
}

function repomdXml(version: string, data: Readonly<Record<string, Buffer>>): string {
  const parts = Object.entries(data).map(
    ([type, bytes]) =>
      `<data type="${type}"><checksum type="sha256">${sha256(bytes)}</checksum><location href="repodata/${type}.xml.gz"/><timestamp>1</timestamp><size>${bytes.length}</size></data>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<repomd xmlns="http://linux.duke.edu/metadata/repo"><revision>${version}</revision>
${parts.join('')}</repomd>
`;
}
