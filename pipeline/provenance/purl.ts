/** Package URLs (github.com/package-url/purl-spec): qualifiers sorted, empty ones left out, everything percent-encoded. */

function purl(type: string, path: readonly string[], version: string, qualifiers: Record<string, string> = {}): string {
  const query = Object.entries(qualifiers)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${encoded(value)}`);
  const at = version === '' ? '' : `@${encoded(version)}`;
  return `pkg:${type}/${path.map(encoded).join('/')}${at}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

/** The specification leaves the colon as it is. */
function encoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A package of ours. `epoch` 0 is the same as none and left out; source packages have the arch `src`. */
export function rpmPurl(one: {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly epoch: string;
  readonly arch: string;
}): string {
  const epoch = one.epoch === '0' ? '' : one.epoch;
  return purl('rpm', ['fullnat-factory', one.name], `${one.version}-${one.release}`, { arch: one.arch, epoch });
}

/** A Debian package; `source` for a file of a source package. */
export function debPurl(name: string, version: string, source: boolean): string {
  return purl('deb', ['debian', name], version, source ? { arch: 'source' } : {});
}

/** A file that was downloaded. */
export function genericPurl(file: string, sha256: string, url: string | null): string {
  return purl('generic', [file], '', { checksum: `sha256:${sha256}`, download_url: url ?? '' });
}

/** An image of a registry: `docker.io/library/debian` and `sha256:…`. */
export function ociPurl(image: string, digest: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return purl('oci', [name.toLowerCase()], digest, { repository_url: image });
}
