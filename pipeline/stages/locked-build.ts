import { comparePackages, isSame } from '../recipe/package-sets.ts';
import { FactoryError } from '../run/failure.ts';

/** Name of the file in a build context that lists the locked packages; install scripts install exactly those. */
export const LOCK_FILE = 'packages.lock';

/** Throws ImageNotAsLocked unless both sets are the same. */
export function checkPackages(image: string, locked: readonly string[], got: readonly string[]): void {
  const difference = comparePackages(locked, got);
  if (!isSame(difference)) throw new FactoryError({ kind: 'ImageNotAsLocked', image, difference });
}

/** Collects what an install script says about locked packages that the archive no longer has. */
export class GonePackages {
  readonly #gone: { name: string; locked: string; offered: string | null }[] = [];

  /** A line of the build: `@@factory gone=<name> <locked version> <offered version or nothing>`. */
  take(line: string): void {
    const [, name = '', locked = '', offered = ''] = /^@@factory gone=(\S+) (\S+) ?(\S*)$/.exec(line) ?? [];
    if (name !== '') this.#gone.push({ name, locked, offered: offered === '' ? null : offered });
  }

  /** The better failure for a build that failed; undefined when no package was gone. */
  failure(image: string): FactoryError | undefined {
    if (this.#gone.length === 0) return undefined;
    return new FactoryError({ kind: 'LockedVersionGone', what: `image ${image}`, packages: this.#gone });
  }
}
