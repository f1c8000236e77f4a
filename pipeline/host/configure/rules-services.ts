import { reportRepeated, unknownName } from '../../recipe/report.ts';
import { networkOf, addressOf } from './rules-addresses.ts';
import { contains } from './ipv4.ts';
import type { Findings } from './rules.ts';
import type { ClusterInput } from './schema.ts';

/** Services name backends that exist, share no VIP and port, and can reach their quorum. */
export function serviceRules(cluster: ClusterInput, { report, warn }: Findings): void {
  const { services, backends, ospf } = cluster;
  const names = backends.map(({ name }) => name);
  reportRepeated(
    services.map(({ name }) => name),
    (index) => ['services', index, 'name'],
    report,
  );
  const taken = new Map<string, string>();
  for (const [index, service] of services.entries()) {
    const path = ['services', index];
    reportRepeated(service.vips, (vip) => [...path, 'vips', vip], report);
    for (const [vip, address] of service.vips.entries()) {
      const end = `${address}:${service.port}`;
      const other = taken.get(end);
      if (other !== undefined && other !== service.name) {
        report([...path, 'vips', vip], `${end} is service ${other}'s already`);
      }
      taken.set(end, service.name);
      if (!ospf.vipNetworks.some((network) => contains(networkOf(network), addressOf(address)))) {
        report([...path, 'vips', vip], `${address} is in none of ospf.vipNetworks: OSPF would not announce it`);
      }
    }
    const ends = service.realServers.map(({ backend, port }) => `${backend}:${port ?? service.port}`);
    reportRepeated(ends, (server) => [...path, 'realServers', server], report);
    for (const [server, { backend }] of service.realServers.entries()) {
      if (!names.includes(backend)) {
        report([...path, 'realServers', server, 'backend'], unknownName('backend', backend, names));
      }
    }
    quorumRules(service, index, { report, warn });
  }
  const used = new Set(services.flatMap(({ realServers }) => realServers.map(({ backend }) => backend)));
  for (const name of names.filter((one) => !used.has(one))) warn(`backend ${name} serves nothing`);
}

function quorumRules(service: ClusterInput['services'][number], index: number, { report }: Findings): void {
  const { quorum, hysteresis, realServers } = service;
  const path = ['services', index];
  const weights = realServers.reduce((sum, { weight }) => sum + weight, 0);
  // keepalived 1.2.2 would take 0 instead and only log it (check_parser.c, hysteresis_handler).
  if (hysteresis >= quorum) report([...path, 'hysteresis'], `must be smaller than the quorum (${quorum})`);
  if (quorum + hysteresis > weights) {
    const sum = `quorum ${quorum} plus hysteresis ${hysteresis}`;
    report([...path, 'quorum'], `${sum} can never be reached: all weights together are ${weights}`);
  }
}
