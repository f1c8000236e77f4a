/** What the index of a repository says about one package. */
export interface IndexedPackage {
  readonly name: string;
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
  /** `src` for a source package. */
  readonly arch: string;
  readonly summary: string;
  /** As the package says it: the words of its distribution, not SPDX. */
  readonly license: string;
  /** Relative to the repository: `RPMS/…`. */
  readonly path: string;
}

/**
 * Reads primary.xml as createrepo_c writes it for our own packages, by path. It is no XML parser: whatever it does not
 * recognise is a TypeError, and so is a count that is not the number of packages found.
 */
export function parsePrimary(xml: string): ReadonlyMap<string, IndexedPackage> {
  const packages = [...xml.matchAll(/<package type="rpm">([^]*?)<\/package>/g)].map(([, body = '']) =>
    onePackage(body),
  );
  const count = /<metadata [^>]*\bpackages="(\d+)"/.exec(xml)?.[1];
  if (count !== String(packages.length))
    throw new TypeError(`primary.xml: ${packages.length} packages found, it says ${count ?? 'nothing'}`);
  return new Map(packages.map((one) => [one.path, one]));
}

function onePackage(body: string): IndexedPackage {
  const need = (pattern: RegExp): string => {
    const text = pattern.exec(body)?.[1];
    if (text === undefined) throw new TypeError(`primary.xml: no ${pattern.source} in ${body.trim().slice(0, 80)}`);
    return text.replace(/&(amp|lt|gt|quot|apos|#\d+|#x[0-9a-f]+);/gi, (_whole, entity: string) => character(entity));
  };
  return {
    name: need(/<name>([^<]+)<\/name>/),
    epoch: need(/<version [^>]*\bepoch="([^"]*)"/),
    version: need(/<version [^>]*\bver="([^"]*)"/),
    release: need(/<version [^>]*\brel="([^"]*)"/),
    arch: need(/<arch>([^<]+)<\/arch>/),
    summary: need(/<summary>([^<]*)<\/summary>/),
    license: need(/<rpm:license>([^<]*)<\/rpm:license>/),
    path: need(/<location [^>]*\bhref="([^"]+)"/),
  };
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function character(entity: string): string {
  if (!entity.startsWith('#')) return NAMED[entity.toLowerCase()] ?? '';
  const hex = /^#x/i.test(entity);
  return String.fromCodePoint(Number.parseInt(entity.slice(hex ? 2 : 1), hex ? 16 : 10));
}
