import type { Facts } from '../run/record.ts';
import { formatBytes, formatDuration } from './units.ts';

/** A fact in words. */
export interface FactText {
  readonly name: string;
  readonly value: string;
}

/** Facts for people, sorted by name: ccache counts as a hit rate, bytes and times with units, names as words. */
export function factTexts(facts: Facts): FactText[] {
  const rate = hitRate(facts);
  return Object.entries(facts)
    .filter(([name]) => rate === undefined || !CCACHE.test(name))
    .map(([name, value]) => ({ name: words(name), value: valueText(name, value) }))
    .concat(rate === undefined ? [] : [{ name: 'ccache', value: rate }])
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The facts in one line: `ccache 98% of 2500, objects 2500`. */
export function factLine(facts: Facts): string {
  return factTexts(facts)
    .map(({ name, value }) => `${name} ${value}`)
    .join(', ');
}

const CCACHE = /^ccache[-_]?(hits?|miss(es)?)$/i;

function hitRate(facts: Facts): string | undefined {
  const find = (pattern: RegExp): number | undefined => {
    const value = Object.entries(facts).find(([name]) => pattern.test(name))?.[1];
    return typeof value === 'number' ? value : undefined;
  };
  const hits = find(/^ccache[-_]?hits?$/i);
  const misses = find(/^ccache[-_]?miss(es)?$/i);
  if (hits === undefined || misses === undefined) return undefined;
  const total = hits + misses;
  return total === 0 ? 'not used' : `${Math.round((hits / total) * 100)}% of ${total}`;
}

/** `resolvedVersion`, `resolved-version` and `resolved_version` are `resolved version`. */
function words(name: string): string {
  return name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll(/[-_]/g, ' ')
    .toLowerCase();
}

function valueText(name: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  if (/bytes$/i.test(name)) return formatBytes(value);
  return /(^ms|Ms|[-_]ms)$/.test(name) ? formatDuration(value) : String(value);
}
