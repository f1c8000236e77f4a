import type { Cluster, ClusterKind, Director, Link } from './cluster.ts';
import { addressOf, lipsOf, networkOf } from './rules-addresses.ts';
import type { ClusterInput } from './schema.ts';

/** What of a cluster does not stand in its file. */
interface Around {
  readonly kind: ClusterKind;
  /** Name of the file, without its folder. */
  readonly source: string;
  /** The OSPF key, when the cluster has one. */
  readonly key: string | undefined;
  readonly warnings: readonly string[];
}

/** As many as an IPVS table of 2^20 entries has rows; more is allowed, and only makes its chains longer. */
const CONNTRACK_MAX = 1_048_576;

/** Resolves names and fills in what depends on something else. The cluster's rules must hold. */
export function normalise(input: ClusterInput, { kind, source, key, warnings }: Around): Cluster {
  const { vipNetworks, authentication, ...ospf } = input.ospf;
  const backends = input.backends.map(({ name, address }) => ({ name, address: addressOf(address) }));
  const addresses = new Map(backends.map(({ name, address }) => [name, address]));
  return {
    name: input.name,
    kind,
    source,
    directors: input.directors.map(director),
    backends,
    services: input.services.map(({ vips, realServers, synProxy, ...rest }) => ({
      ...rest,
      vips: vips.map(addressOf),
      realServers: realServers.map(({ backend, port, weight }) => ({
        name: backend,
        address: addresses.get(backend) ?? 0,
        port: port ?? rest.port,
        weight,
      })),
      synProxy: synProxy ?? kind === 'el6',
    })),
    ospf: {
      ...ospf,
      vipNetworks: vipNetworks.map(networkOf),
      authentication: authentication === undefined || key === undefined ? null : { keyId: authentication.keyId, key },
    },
    conntrackMax: input.conntrackMax ?? CONNTRACK_MAX,
    warnings,
  };
}

function director(input: ClusterInput['directors'][number]): Director {
  const outer = input.outer.map(link);
  return {
    name: input.name,
    outer,
    inner: link(input.inner),
    lips: lipsOf(input),
    routerId: input.routerId === undefined ? (outer[0]?.network.address ?? 0) : addressOf(input.routerId),
  };
}

const link = (input: ClusterInput['directors'][number]['inner']): Link => ({
  name: input.interface,
  network: networkOf(input.address),
});
