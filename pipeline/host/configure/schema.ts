import { z } from 'zod';
import { name, path, strict } from '../../recipe/schema-parts.ts';
import { parseAddress, parseNetwork } from './ipv4.ts';

const address = z
  .string({ error: 'must be an IPv4 address' })
  .refine((text) => parseAddress(text) !== undefined, { error: 'must be an IPv4 address, like 10.0.2.101' });
const network = z
  .string({ error: 'must be an IPv4 address with its prefix length' })
  .refine((text) => parseNetwork(text) !== undefined, { error: 'must be address/length, like 10.0.2.1/24' });
const interfaceName = z.string().regex(/^(?!lo$)[A-Za-z][A-Za-z0-9._-]{0,14}$/, {
  error: 'must be the name of a network interface (not lo), at most 15 characters',
});
const between = (least: number, most: number, what: string) => {
  const error = `must be ${what} from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};
const port = between(1, 65_535, 'a port');
const seconds = (most: number) => between(1, most, 'seconds');

const link = strict({
  interface: interfaceName.describe('Name of the interface on that host'),
  address: network.describe("The interface's own address and prefix length"),
});

const director = strict({
  name: name.describe('Name of the host; becomes a folder of the output'),
  outer: z
    .array(link)
    .min(1, { error: 'must name at least one interface' })
    .describe('Uplinks to the router that OSPF is spoken on'),
  inner: link.describe('The interface towards the backends; the LIPs go here'),
  lips: strict({
    first: address.describe('The first local address'),
    count: between(1, 254, 'a number').default(28).describe('How many, one after the other'),
  }).describe('Local addresses: what backends see as source'),
  routerId: address.optional().describe('OSPF router id. Default: the address of the first uplink'),
});

const backend = strict({
  name: name.describe('Name of the host; becomes a folder of the output'),
  address: address.describe('The address that real servers listen on'),
});

const tcpCheck = strict({
  kind: z.literal('tcp').describe('The port accepts a connection'),
  timeout: seconds(60).default(5).describe('connect_timeout, seconds'),
});
const httpCheck = strict({
  kind: z.literal('http').describe('GET answers with the status'),
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9/._~%?&=+,:-]{0,199}$/, { error: 'must be an absolute path of plain URL characters' })
    .describe('What is asked for'),
  status: between(100, 599, 'an HTTP status').default(200).describe('The status that counts as alive'),
  timeout: seconds(60).default(3).describe('connect_timeout, seconds'),
  retries: between(1, 20, 'a number').default(2).describe('nb_get_retry'),
  delay: seconds(60).default(5).describe('delay_before_retry, seconds'),
});

// What both kernels have; those that only one of them knows would end in a service that keepalived cannot add.
const scheduler = z.enum(['rr', 'wrr', 'lc', 'wlc', 'lblc', 'lblcr', 'dh', 'sh', 'sed', 'nq']);

const service = strict({
  name: name.describe('Name of the service, and of its virtual server group'),
  vips: z.array(address).min(1, { error: 'must name at least one VIP' }).describe('Addresses that clients use'),
  port: port.describe('TCP port at the VIPs'),
  scheduler: scheduler.default('wrr').describe('lb_algo'),
  realServers: z
    .array(
      strict({
        backend: name.describe('Name of a backend'),
        port: port.optional().describe("Port there. Default: the service's"),
        weight: between(1, 65_535, 'a weight').default(100).describe('weight'),
      }),
    )
    .min(1, { error: 'must name at least one real server' })
    .describe('Who serves it'),
  check: z.discriminatedUnion('kind', [tcpCheck, httpCheck]).describe('How a real server is found alive'),
  delayLoop: seconds(3600).default(7).describe('delay_loop: seconds between two checks'),
  quorum: between(1, 1_000_000, 'a sum of weights').default(1).describe('Weight that must be alive for the VIP'),
  hysteresis: between(0, 999_999, 'a sum of weights').default(0).describe('hysteresis around the quorum'),
  inhibitOnFailure: z
    .boolean()
    .default(true)
    .describe('A dead real server gets weight 0 instead of being removed: its connections stay'),
  synProxy: z.boolean().optional().describe('syn_proxy. Only el6; default there: true'),
});

const ospf = strict({
  area: address.describe('The area, as a dotted quad'),
  stub: z.boolean().default(true).describe('area … stub no-summary'),
  vipNetworks: z.array(network).min(1, { error: 'must name at least one network' }).describe('What holds the VIPs'),
  hello: between(1, 65_535, 'seconds').default(3).describe('ip ospf hello-interval'),
  dead: between(1, 65_535, 'seconds').default(12).describe('ip ospf dead-interval'),
  referenceBandwidth: between(1, 4_294_967, 'Mbit/s').default(1000).describe('auto-cost reference-bandwidth'),
  equalCostPaths: between(1, 1024, 'a number').describe("The router's limit of equal-cost paths"),
  authentication: strict({
    keyId: between(1, 255, 'a key id').describe('Number of the key'),
    keyFile: path.describe('File beside the cluster file; its one line is the key'),
  })
    .optional()
    .describe('MD5 authentication of the area. Default: none, with a warning'),
});

/** Everything that a cluster file may say. */
export const clusterSchema = strict({
  schema: z.literal(1, { error: 'must be 1' }).describe('Version of this format'),
  name: name.describe('Name of the cluster; becomes a folder of the output'),
  kind: z.enum(['el6', 'lts']).optional().describe('Which kernels and tools; or --kind'),
  directors: z.array(director).min(1, { error: 'must name at least one director' }).describe('The LVS hosts'),
  backends: z.array(backend).min(1, { error: 'must name at least one backend' }).describe('The TOA hosts'),
  services: z.array(service).min(1, { error: 'must name at least one service' }).describe('What is balanced'),
  ospf: ospf.describe('How VIPs are announced'),
  conntrackMax: between(1024, 67_108_864, 'a number of connections')
    .optional()
    .describe('nf_conntrack_max of the directors. Only lts; default there: 1048576'),
});

/** A cluster file as written, defaults filled in, after its shape was checked. */
export type ClusterInput = z.output<typeof clusterSchema>;
