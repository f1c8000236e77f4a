import type { SnapshotTree } from '../plan/snapshot.ts';
import { parseRpmFileName } from '../rpm/nevra.ts';
import { FactoryError } from '../run/failure.ts';

/** A binary package by its name and the buildid that its release ends in (empty: any). */
interface Wanted {
  readonly name: string;
  readonly releaseSuffix: string;
}

/** The binary packages of a snapshot that are meant. Failures: ChecksFailed where not exactly one is. */
export function packagesOf(
  tree: SnapshotTree,
  wanted: readonly Wanted[],
  step: string,
): ReturnType<typeof parseRpmFileName>[] {
  const offered = tree.files
    .filter((file) => file.path.startsWith('RPMS/'))
    .map((file) => parseRpmFileName(file.path.slice(5)));
  return wanted.map(({ name, releaseSuffix }) => {
    const found = offered.filter((rpm) => rpm.name === name && rpm.release.endsWith(releaseSuffix));
    const [only] = found;
    if (only === undefined || found.length > 1)
      throw new FactoryError({
        kind: 'ChecksFailed',
        step,
        checks: [
          { id: `package ${name}${releaseSuffix}`, want: 'exactly one in the snapshot', got: String(found.length) },
        ],
      });
    return only;
  });
}

/** What `uname -r` says under a kernel package: `version-release.arch`. */
export function kernelRelease(rpm: ReturnType<typeof parseRpmFileName>): string {
  return `${rpm.version}-${rpm.release}.${rpm.arch}`;
}
