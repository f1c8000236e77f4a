/** What the file name of a package says. The epoch is not in it. */
export interface RpmFileName {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  /** `x86_64`, `noarch`, …; `src` for a source package. */
  readonly arch: string;
}

/**
 * Takes `name-version-release.arch.rpm` apart. Versions and releases have no dash, names may have many, so it is read from
 * the end. Throws a TypeError on anything else.
 */
export function parseRpmFileName(file: string): RpmFileName {
  const match = /^(?<name>[^/\s]+)-(?<version>[^-/\s]+)-(?<release>[^-/\s]+)\.(?<arch>[^-./\s]+)\.rpm$/.exec(file);
  const { name, version, release, arch } = match?.groups ?? {};
  if (name === undefined || version === undefined || release === undefined || arch === undefined) {
    throw new TypeError(`not the file name of an RPM: ${JSON.stringify(file)}`);
  }
  return { name, version, release, arch };
}
