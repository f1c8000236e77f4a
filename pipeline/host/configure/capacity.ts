import type { Cluster, ClusterKind } from './cluster.ts';

/** How many connections something can have at a time, by source ports. */
export interface Capacity {
  /** What the numbers rest on, for people. */
  readonly assumptions: readonly string[];
  /** Source ports of one LIP, so connections of one LIP to one address and port of a backend. */
  readonly perLip: number;
  /** New connections per second of one LIP to one address and port, when each leaves a port waiting; null: not known. */
  readonly newPerSecondPerLip: number | null;
  readonly directors: readonly {
    readonly name: string;
    readonly lips: number;
    /** To one address and port of a backend. */
    readonly perRealServer: number;
  }[];
  readonly services: readonly {
    readonly name: string;
    readonly realServers: number;
    /** To all its real servers, over all directors. */
    readonly connections: number;
    /** The same with the director gone that has most LIPs. */
    readonly withoutOneDirector: number;
  }[];
}

/** Ports that a kind of director takes on a LIP, and what else limits it. */
const LIMITS: Readonly<
  Record<ClusterKind, { ports: number; waitSeconds: number | null; assumptions: readonly string[] }>
> = {
  el6: {
    // fullnat_lport_min 5000 to fullnat_lport_max 65535, the kernel's defaults (LVS_PROC.pdf).
    ports: 65_535 - 5000 + 1,
    waitSeconds: null,
    assumptions: [
      'ports 5000 to 65535 on each LIP (net.ipv4.vs.fullnat_lport_min and _max at their defaults)',
      'every port of a LIP can be used towards every backend address and port at the same time',
      'clients spread over the LIPs; memory and processors are not looked at',
    ],
  },
  lts: {
    // Netfilter maps a source port of 1024 or more to one of 1024 to 65535.
    ports: 65_535 - 1024 + 1,
    waitSeconds: 120,
    assumptions: [
      'ports 1024 to 65535 on each LIP (where netfilter keeps source ports that are not privileged)',
      'a closed connection keeps its port for 120 s (net.netfilter.nf_conntrack_tcp_timeout_time_wait at its default)',
      'netfilter tries at most 248 ports for a connection, so it starts to fail before all are taken',
      'one client and one backend always meet on the same LIP; clients are many and spread over the LIPs',
    ],
  },
};

/** What the LIPs of a cluster are good for. */
export function capacityOf(cluster: Cluster): Capacity {
  const { ports, waitSeconds, assumptions } = LIMITS[cluster.kind];
  const lts = cluster.kind === 'lts';
  // Over all backends a director of kind lts has no more connections than it can track.
  const most = lts ? cluster.conntrackMax : Infinity;
  const directors = cluster.directors.map(({ name, lips }) => ({
    name,
    lips: lips.length,
    perRealServer: Math.min(lips.length * ports, most),
  }));
  return {
    assumptions: lts
      ? [...assumptions, `a director tracks at most ${cluster.conntrackMax} connections, of all services together`]
      : assumptions,
    perLip: ports,
    newPerSecondPerLip: waitSeconds === null ? null : Math.floor(ports / waitSeconds),
    directors,
    services: cluster.services.map(({ name, realServers }) => {
      const each = directors.map(({ lips }) => Math.min(lips * ports * realServers.length, most));
      const connections = each.reduce((sum, one) => sum + one, 0);
      return {
        name,
        realServers: realServers.length,
        connections,
        withoutOneDirector: connections - Math.max(...each),
      };
    }),
  };
}
