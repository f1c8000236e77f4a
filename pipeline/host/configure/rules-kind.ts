import { prefixesOf } from './ipv4.ts';
import { lipsOf } from './rules-addresses.ts';
import type { ClusterKind } from './cluster.ts';
import type { Findings } from './rules.ts';
import type { ClusterInput } from './schema.ts';

/** How many prefixes the parameter `lips` of the lts kernel's toa module takes. */
const MOST_PREFIXES = 64;

/** What only one kind of kernel has. */
export function kindRules(cluster: ClusterInput, kind: ClusterKind, { report }: Findings): void {
  if (kind === 'el6') {
    if (cluster.conntrackMax !== undefined) {
      report(['conntrackMax'], 'only kind lts uses connection tracking: leave it out', 'key');
    }
    return;
  }
  for (const [index, { synProxy }] of cluster.services.entries()) {
    if (synProxy === true) report(['services', index, 'synProxy'], 'kind lts has no SYNPROXY: leave it out', 'key');
  }
  const prefixes = trustedPrefixes(cluster.directors.flatMap(lipsOf));
  if (prefixes.length > MOST_PREFIXES) {
    const message = `the LIPs of all directors make ${prefixes.length} prefixes, toa takes ${MOST_PREFIXES}: let ranges start at multiples of 32`;
    report(['directors'], message, 'key');
  }
}

/** What a backend believes TOA options from: exactly the LIPs, in as few prefixes as possible. */
export const trustedPrefixes = (lips: readonly number[]): string[] => prefixesOf([...lips].sort((a, b) => a - b));
