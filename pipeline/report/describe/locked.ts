import type { FailureOf } from '../../run/failure.ts';
import { plural } from '../units.ts';
import type { Description } from './description.ts';

/** As many lines of a difference as a person reads. */
const MOST = 8;

function few(lines: readonly string[]): string[] {
  const more = lines.length - MOST;
  return [...lines.slice(0, MOST), ...(more > 0 ? [`and ${more} more`] : [])];
}

/** `--frozen`, and the lock does not say what the image consists of. */
export function imageNotLocked({ image }: FailureOf<'ImageNotLocked'>): Description {
  return {
    short: `lock.json does not say what image ${image} consists of, and --frozen accepts only locked images`,
    detail: [],
    advice: [
      'Lock it on a machine that you trust, look at the change and commit it: `bin/factory lock`. After a change of its folder below dockerfiles/, or of its base, it has to be locked again.',
      'Or use the lock that came with a vendored directory: `--lock DIR/lock.json`. Or build without `--frozen`.',
    ],
  };
}

/** The image that was made or found is another one than was locked. */
export function imageNotAsLocked({ image, difference }: FailureOf<'ImageNotAsLocked'>): Description {
  const advice = [
    'Get the locked image: from where it was locked, with `bin/factory vendor DIR` there and `--mirror DIR` here.',
    'Or lock what there is now, look at the change and commit it: `bin/factory lock`.',
  ];
  if ('locked' in difference)
    return {
      short: `image ${image} is not the locked one`,
      detail: [`locked  ${difference.locked}`, `got     ${difference.got}`],
      advice,
    };
  const { added, removed, changed } = difference;
  return {
    short: `image ${image} does not have the locked packages: ${added.length} added, ${removed.length} removed, ${plural(changed.length, 'other version')}`,
    detail: few([
      ...changed.map(({ name, locked, got }) => `~ ${name} ${locked} -> ${got}`),
      ...added.map((one) => `+ ${one}`),
      ...removed.map((one) => `- ${one}`),
    ]),
    advice,
  };
}

/** The archive has moved on. */
export function lockedVersionGone({ what, packages }: FailureOf<'LockedVersionGone'>): Description {
  const lines = packages.map(
    ({ name, locked, offered }) => `${name} ${locked} -> ${offered ?? 'no package of that name any more'}`,
  );
  return {
    short: `${what}: the archive no longer has ${plural(packages.length, 'locked version')}: ${lines[0] ?? ''}${lines.length > 1 ? ', …' : ''}`,
    detail: ['`factory lock` would change:', ...few(lines).map((line) => `  ${line}`)],
    advice: [
      'Use what was kept of the locked versions: `--mirror DIR`, with a directory that `bin/factory vendor DIR` made while they were there.',
      'Or take the new versions: `bin/factory lock --refresh`; look at the change before you commit it.',
    ],
  };
}

/** A vendored directory is damaged, incomplete, or not the one that belongs to the lock. */
export function vendorInvalid({ dir, path, detail }: FailureOf<'VendorInvalid'>): Description {
  return {
    short: `vendored directory ${dir}: ${path}: ${detail}`,
    detail: [],
    advice: [
      'Nothing of it was used. Copy the directory again from where it was made, or make it again there: `bin/factory vendor DIR` replaces what is not right.',
      'If the lock is of another machine than the directory: `--lock DIR/lock.json` uses the one that belongs to it.',
    ],
  };
}
