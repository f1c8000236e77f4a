import { canonicalJson } from '../run/canonical-json.ts';
import { comparePackages, differenceWords } from './package-sets.ts';
import type { Lock, LockedImage, LockedSource } from './lock-schema.ts';

/** What changed between two locks, one line per source and image, for people; empty when nothing did. */
export function diffLocks(before: Lock, after: Lock): string[] {
  return [
    ...diff(
      before.sources,
      after.sources,
      (source) => source,
      showSource,
      () => '',
    ),
    ...diff(before.images, after.images, (image) => `image ${image}`, showImage, howImagesDiffer),
  ];
}

function diff<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  title: (name: string) => string,
  show: (entry: T) => string,
  how: (old: T, now: T) => string,
): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    if (old === undefined) return now === undefined ? [] : [`+ ${title(name)}: ${show(now)}`];
    if (now === undefined) return [`- ${title(name)}: ${show(old)}`];
    if (canonicalJson(old) === canonicalJson(now)) return [];
    return [`~ ${title(name)}: ${show(old)} -> ${show(now)}${how(old, now)}`];
  });
}

function showSource(entry: LockedSource): string {
  return `${entry.version ?? entry.file} sha256 ${entry.sha256.slice(0, 12)} (${entry.trust})`;
}

const shortId = ({ id }: LockedImage): string => id.replace('sha256:', '').slice(0, 12);

function showImage(entry: LockedImage): string {
  const pushed = 'pushed' in entry ? entry.pushed?.replace(/([0-9a-f]{12})[0-9a-f]+$/, '$1') : undefined;
  return `${showContents(entry)}${pushed === undefined ? '' : `, ${pushed}`}`;
}

function showContents(entry: LockedImage): string {
  if (entry.kind === 'base') return `${entry.base.replace(/([0-9a-f]{12})[0-9a-f]+$/, '$1')} (${shortId(entry)})`;
  if (entry.kind === 'given') return `as given (${shortId(entry)})`;
  return `${entry.packages.length} packages (${shortId(entry)})`;
}

function howImagesDiffer(old: LockedImage, now: LockedImage): string {
  if (old.kind !== 'built' || now.kind !== 'built') return '';
  const words = differenceWords(comparePackages(old.packages, now.packages));
  return words === '' ? '' : `: ${words}`;
}
