import type { Cluster, Director } from './cluster.ts';
import { header, type HostFile, textOf } from './host-file.ts';
import { showAddress, showNetwork } from './ipv4.ts';

/**
 * The routing daemons' files: quagga's zebra.conf and ospfd.conf for el6 (commands of 0.99.20, ospf_vty.c; LVS_user_manual.pdf,
 * section 1 g and h), one frr.conf for lts (the same commands). No passwords: without one the consoles let nobody in.
 */
export function routingFiles(cluster: Cluster, director: Director): HostFile[] {
  const mode = cluster.ospf.authentication === null ? 0o644 : 0o600;
  const head = (name: string) => [header('!', cluster, director.name), `hostname ${name}`];
  if (cluster.kind === 'lts') {
    return [
      {
        path: 'etc/frr/frr.conf',
        mode,
        text: textOf([...head(director.name), 'log syslog', ...ospfLines(cluster, director)]),
      },
    ];
  }
  return [
    {
      path: 'etc/quagga/zebra.conf',
      mode: 0o644,
      text: textOf([...head(`${director.name}-zebra`), 'log file /var/log/zebra.log']),
    },
    {
      path: 'etc/quagga/ospfd.conf',
      mode,
      text: textOf([...head(`${director.name}-ospfd`), 'log file /var/log/ospfd.log', ...ospfLines(cluster, director)]),
    },
  ];
}

function ospfLines({ ospf }: Cluster, { outer, routerId }: Director): string[] {
  const { authentication } = ospf;
  const { area } = ospf;
  const networks = [...new Set(outer.map(({ network }) => showNetwork(network)))];
  return [
    ...outer.flatMap(({ name }) => [
      '!',
      `interface ${name}`,
      ...(authentication === null
        ? []
        : [` ip ospf message-digest-key ${authentication.keyId} md5 ${authentication.key}`]),
      ` ip ospf hello-interval ${ospf.hello}`,
      ` ip ospf dead-interval ${ospf.dead}`,
    ]),
    '!',
    'router ospf',
    ` ospf router-id ${showAddress(routerId)}`,
    ' log-adjacency-changes',
    ` auto-cost reference-bandwidth ${ospf.referenceBandwidth}`,
    '! the VIPs on lo: announced as long as they are there',
    ...ospf.vipNetworks.map((network) => ` network ${showNetwork(network)} area ${area}`),
    '! the uplinks',
    ...networks.map((network) => ` network ${network} area ${area}`),
    ...(authentication === null ? [] : [` area ${area} authentication message-digest`]),
    ...(ospf.stub ? [` area ${area} stub no-summary`] : []),
    '!',
  ];
}
