import type { Address, Network } from './ipv4.ts';
import type { ClusterInput } from './schema.ts';

/** Which kernels and tools a cluster runs: the classic FULLNAT of recipe el6, or NAT with a SNAT pool of recipe lts. */
export type ClusterKind = 'el6' | 'lts';

/** An interface with its own address. */
export interface Link {
  readonly name: string;
  readonly network: Network;
}

export interface Director {
  readonly name: string;
  readonly outer: readonly Link[];
  readonly inner: Link;
  /** Ascending, without gaps, in one block of 256. */
  readonly lips: readonly Address[];
  readonly routerId: Address;
}

export interface Backend {
  readonly name: string;
  readonly address: Address;
}

export interface RealServer {
  readonly name: string;
  readonly address: Address;
  readonly port: number;
  readonly weight: number;
}

type ServiceInput = ClusterInput['services'][number];

export interface Service extends Omit<ServiceInput, 'vips' | 'realServers' | 'synProxy'> {
  readonly vips: readonly Address[];
  readonly realServers: readonly RealServer[];
  readonly synProxy: boolean;
}

interface Ospf extends Omit<ClusterInput['ospf'], 'vipNetworks' | 'authentication'> {
  readonly vipNetworks: readonly Network[];
  readonly authentication: { readonly keyId: number; readonly key: string } | null;
}

/** A checked cluster: names are resolved, nothing optional is left. */
export interface Cluster {
  readonly name: string;
  readonly kind: ClusterKind;
  /** Name of the file it was read from, without its folder: it stands in every generated file. */
  readonly source: string;
  readonly directors: readonly Director[];
  readonly backends: readonly Backend[];
  readonly services: readonly Service[];
  readonly ospf: Ospf;
  readonly conntrackMax: number;
  /** What is allowed but seldom meant. */
  readonly warnings: readonly string[];
}
