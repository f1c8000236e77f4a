/** An IPv4 address as an unsigned 32-bit number. */
export type Address = number;

/** `10.0.2.1/24`: an interface's address together with the network it is in. */
export interface Network {
  readonly address: Address;
  /** The first address of the network. */
  readonly base: Address;
  /** Prefix length, 0 to 32. */
  readonly length: number;
}

/** The number of a dotted quad without leading zeros; undefined for anything else. */
export function parseAddress(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) {
    return undefined;
  }
  return parts.reduce((address, part) => address * 256 + Number(part), 0);
}

/** The network of `a.b.c.d/n`; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [, quad = '', bits = ''] = /^([\d.]+)\/(\d|[12]\d|3[0-2])$/.exec(text) ?? [];
  const address = parseAddress(quad);
  if (address === undefined) return undefined;
  const length = Number(bits);
  return { address, base: address - (address % sizeOf(length)), length };
}

/** How many addresses a network of that prefix length has. */
const sizeOf = (length: number): number => 2 ** (32 - length);

/** The dotted quad of an address. */
export function showAddress(address: Address): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** `base/length`: the network, not the address in it. */
export const showNetwork = ({ base, length }: Network): string => `${showAddress(base)}/${length}`;

/** Whether the address is one of the network's. */
export const contains = ({ base, length }: Network, address: Address): boolean =>
  address >= base && address < base + sizeOf(length);

/** Whether the two have an address in common. */
export const overlap = (one: Network, other: Network): boolean =>
  contains(one, other.base) || contains(other, one.base);

/** Whether no host can have that address: the network's own or its broadcast address (a /31 and a /32 have neither). */
export const isReserved = ({ base, length }: Network, address: Address): boolean =>
  length <= 30 && (address === base || address === base + sizeOf(length) - 1);

/** The fewest prefixes that hold exactly these addresses (sorted, each once), as `a.b.c.d/n`. */
export function prefixesOf(addresses: readonly Address[]): string[] {
  const prefixes: string[] = [];
  for (let at = 0; at < addresses.length;) {
    const first = addresses[at] ?? 0;
    let run = 1;
    while (addresses[at + run] === first + run) run += 1;
    let length = 32;
    while (length > 0 && first % sizeOf(length - 1) === 0 && sizeOf(length - 1) <= run) length -= 1;
    prefixes.push(`${showAddress(first)}/${length}`);
    at += sizeOf(length);
  }
  return prefixes;
}
