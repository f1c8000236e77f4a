import type { Path } from '../../recipe/document.ts';
import { reportRepeated } from '../../recipe/report.ts';
import { contains, isReserved, parseAddress, parseNetwork, showAddress, showNetwork } from './ipv4.ts';
import type { Address, Network } from './ipv4.ts';
import type { Findings } from './rules.ts';
import type { ClusterInput } from './schema.ts';

type DirectorInput = ClusterInput['directors'][number];

/** An address of text that the schema accepted. */
export const addressOf = (text: string): Address => parseAddress(text) ?? 0;

/** A network of text that the schema accepted. */
export const networkOf = (text: string): Network => parseNetwork(text) ?? { address: 0, base: 0, length: 0 };

/** The local addresses of a director. Only within its block of 256, where keepalived's notation ends: see `lipRules`. */
export function lipsOf({ lips }: DirectorInput): Address[] {
  const first = addressOf(lips.first);
  return Array.from({ length: Math.min(lips.count, 255 - (first % 256)) }, (_, index) => first + index);
}

/** Every address belongs to one thing only: interface, LIP, VIP or backend. */
export function addressRules(cluster: ClusterInput, findings: Findings): void {
  const { report } = findings;
  const hosts = [...cluster.directors, ...cluster.backends].map(({ name }) => name);
  reportRepeated(hosts, (index) => hostPath(cluster, index), report);
  const owners = new Map<Address, string>();
  const claim: Claim = (address, owner, path, remark = '') => {
    const other = owners.get(address) ?? owner;
    owners.set(address, other);
    if (other !== owner) report(path, `${showAddress(address)} is ${other} already${remark}`);
    return other === owner;
  };
  for (const [index, director] of cluster.directors.entries()) {
    interfaceRules(director, ['directors', index], findings, claim);
  }
  for (const [index, { name, address }] of cluster.backends.entries()) {
    const path = ['backends', index, 'address'];
    claim(addressOf(address), `the address of backend ${name}`, path);
    const reached = cluster.directors.every(({ inner }) => contains(networkOf(inner.address), addressOf(address)));
    if (!reached) findings.warn(`backend ${name} (${address}) is outside a director's inner network: it needs routes`);
  }
  // VIPs before LIPs: a LIP is what can be moved.
  for (const [index, { vips }] of cluster.services.entries()) {
    for (const [vip, address] of vips.entries()) claim(addressOf(address), 'a VIP', ['services', index, 'vips', vip]);
  }
  for (const [index, director] of cluster.directors.entries()) lipRules(director, index, findings, claim);
}

/** Notes an owner; false, and a problem, when the address has another one. */
type Claim = (address: Address, owner: string, path: Path, remark?: string) => boolean;

function interfaceRules(director: DirectorInput, path: Path, { report }: Findings, claim: Claim): void {
  const links = [
    ...director.outer.map((link, index) => ({ link, at: [...path, 'outer', index] })),
    { link: director.inner, at: [...path, 'inner'] },
  ];
  reportRepeated(
    links.map(({ link }) => link.interface),
    (index) => [...(links[index]?.at ?? path), 'interface'],
    report,
  );
  for (const { link, at } of links) {
    const network = networkOf(link.address);
    const where = [...at, 'address'];
    if (isReserved(network, network.address)) {
      report(where, `no host can have it: it is the network or broadcast address of ${showNetwork(network)}`);
    }
    claim(network.address, `the address of ${director.name}'s interface ${link.interface}`, where);
  }
}

function lipRules(director: DirectorInput, index: number, { report, warn }: Findings, claim: Claim): void {
  const { first, count } = director.lips;
  const path = ['directors', index, 'lips'];
  const lips = lipsOf(director);
  const network = networkOf(director.inner.address);
  const last = (addressOf(first) % 256) + count - 1;
  if (last > 254) {
    report(
      [...path, 'first'],
      `${count} addresses from ${first} would end at .${last}; the last part may be 254 at most`,
    );
    return;
  }
  for (const lip of lips) {
    const remark = `; it cannot be a LIP of ${director.name}${lip === network.address ? ' (a LIP is never the own address of an interface)' : ''}`;
    // One collision says enough: ranges collide in rows.
    if (!claim(lip, `a LIP of ${director.name}`, [...path, 'first'], remark)) break;
    if (contains(network, lip) && isReserved(network, lip)) {
      report([...path, 'first'], `${showAddress(lip)} is the network or broadcast address of ${showNetwork(network)}`);
    }
  }
  if (!lips.every((lip) => contains(network, lip))) {
    warn(
      `LIPs of ${director.name} are outside its inner network ${showNetwork(network)}: backends need routes to them`,
    );
  }
}

function hostPath({ directors }: ClusterInput, index: number): Path {
  return index < directors.length ? ['directors', index, 'name'] : ['backends', index - directors.length, 'name'];
}
