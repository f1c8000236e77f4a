import type { Cluster, Director } from './cluster.ts';
import { ETC, header, type HostFile, textOf } from './host-file.ts';

/** A kernel setting, and why. */
interface Setting {
  readonly why: readonly string[];
  readonly key: string;
  readonly value: number;
}

/** VIPs are on lo of every director, LIPs beside another address (LVS_user_manual.pdf, section 1 c). */
const ARP: readonly Setting[] = [
  {
    why: [
      'Every director has the VIPs on lo: none answers ARP for an address that the asked interface does not have itself.',
    ],
    key: 'net.ipv4.conf.all.arp_ignore',
    value: 1,
  },
  {
    why: ['Asks with an address of the interface it asks on, never with a VIP.'],
    key: 'net.ipv4.conf.all.arp_announce',
    value: 2,
  },
];

const EL6: readonly Setting[] = [
  ...ARP,
  {
    why: ['Packets that may wait on the way in, per processor (value of LVS_user_manual.pdf, section 1 c).'],
    key: 'net.core.netdev_max_backlog',
    value: 500_000,
  },
];

const lts = (conntrackMax: number): readonly Setting[] => [
  ...ARP,
  { why: ['What backends answer is forwarded.'], key: 'net.ipv4.ip_forward', value: 1 },
  {
    why: [
      'IPVS leaves its connections to connection tracking; without it no SNAT rule sees them and nothing answers. A connection',
      'keeps what held when it was made, so this comes before traffic.',
    ],
    key: 'net.ipv4.vs.conntrack',
    value: 1,
  },
  { why: ["Tells backends the client's address in a TCP option."], key: 'net.ipv4.vs.toa', value: 1 },
  {
    why: [
      'One row per connection that may be tracked, as the kernel chooses by itself: the table first, then the limit.',
    ],
    key: 'net.netfilter.nf_conntrack_buckets',
    value: conntrackMax,
  },
  {
    why: ['A full table drops every new connection. A connection is in it until 120 s after its end.'],
    key: 'net.netfilter.nf_conntrack_max',
    value: conntrackMax,
  },
  {
    why: [
      'Answers may leave by another uplink than the one the question came by: any interface with a route to the sender counts.',
    ],
    key: 'net.ipv4.conf.all.rp_filter',
    value: 2,
  },
];

/** The kernel settings of a director; /etc/fullnat/director boot applies them before keepalived starts. */
export function sysctlConf(cluster: Cluster, director: Director): HostFile {
  const settings = cluster.kind === 'el6' ? EL6 : lts(cluster.conntrackMax);
  return {
    path: `${ETC}/sysctl.conf`,
    mode: 0o644,
    text: textOf([
      header('#', cluster, director.name),
      ...settings.flatMap(({ why, key, value }) => ['', ...why.map((line) => `# ${line}`), `${key} = ${value}`]),
    ]),
  };
}
