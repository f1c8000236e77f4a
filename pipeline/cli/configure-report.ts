import type { Capacity } from '../host/configure/capacity.ts';
import type { HostFiles } from '../host/configure/hosts.ts';
import type { Written } from '../host/configure/write.ts';
import { textTable } from '../report/text-table.ts';
import { plural } from '../report/units.ts';

/** What was written, in words. */
export function configureLines(
  report: Written & { readonly cluster: string; readonly kind: string; readonly out: string },
  hosts: readonly HostFiles[],
  capacity: Capacity,
  warnings: readonly string[],
  checked: readonly string[] | null,
): string[] {
  const { changed, unchanged, removed } = report;
  const still = changed.length === 0 && removed.length === 0;
  const outcome = still
    ? `no change: ${plural(unchanged, 'file')} as they should be`
    : `${plural(changed.length, 'file')} written, ${unchanged} unchanged, ${removed.length} removed`;
  return [
    `cluster ${report.cluster} (${report.kind}), ${plural(hosts.length, 'host')} in ${report.out}: ${outcome}`,
    ...changed.map((path) => `  written  ${path}`),
    ...removed.map((path) => `  removed  ${path}`),
    ...warnings.map((text) => `warning: ${text}`),
    '',
    ...capacityLines(capacity),
    ...(checked === null ? [] : ['', ...checked]),
  ];
}

const number = (value: number): string => value.toLocaleString('en-GB');

function capacityLines(capacity: Capacity): string[] {
  const rate = capacity.newPerSecondPerLip;
  return [
    `One LIP holds ${number(capacity.perLip)} connections to one address and port of a backend${rate === null ? '' : `, and about ${number(rate)} new ones per second`}.`,
    ...textTable(
      ['director', 'LIPs', 'connections per real server'],
      capacity.directors.map(({ name, lips, perRealServer }) => [name, String(lips), number(perRealServer)]),
      { right: [1, 2] },
    ),
    ...textTable(
      ['service', 'real servers', 'connections', 'with one director less'],
      capacity.services.map((one) => [
        one.name,
        String(one.realServers),
        number(one.connections),
        number(one.withoutOneDirector),
      ]),
      { right: [1, 2, 3] },
    ),
    ...capacity.assumptions.map((text) => `assumed: ${text}`),
  ];
}
