/** How published packages are booted and what must be seen then: the section `verify: boot:` of a recipe, nothing left open. */
export interface Boot {
  /**
   * How the director rewrites both ends: `conntrack`, IPVS NAT with conntrack's SNAT behind it; `classic`, the method FNAT of
   * the patches for 2.6.32, with local addresses of its own.
   */
  readonly fullnat: 'conntrack' | 'classic';
  readonly machine: {
    readonly memoryMiB: number;
    /** Network card, by QEMU's name of the device. */
    readonly nic: 'virtio-net-pci' | 'e1000';
    /** More words for the kernel's command line. */
    readonly arguments: string;
    /** Modules that every guest loads first, for its network cards. */
    readonly modules: readonly string[];
  };
  readonly director: {
    readonly role: string;
    readonly modules: readonly string[];
    readonly sysctl: Readonly<Record<string, string>>;
    /**
     * File with lines `name value`; `carried`: the option was put in; `full`: there was no room for it; null: the director does
     * not look whether there is room, so it is not asked what becomes of such packets.
     */
    readonly counters: { readonly file: string; readonly carried: string; readonly full: string | null };
  };
  readonly backend: {
    readonly role: string;
    /** The module that shows servers the client's address. */
    readonly module: string;
    /** Its parameter with the local addresses that are believed; null: it has none, and whom it believes is not asked. */
    readonly trusted: string | null;
    /** `carried`: an accepted connection brought the option. */
    readonly counters: { readonly file: string; readonly carried: string };
  };
  /** Entries of the connection table. */
  readonly tableSize: number;
  /** How many local addresses the director has. */
  readonly localAddresses: number;
  /** How many connections are made in the large round. */
  readonly connections: number;
  /** How many uploads of 200 kB, for each kind of listener. */
  readonly uploads: number;
  /**
   * A round of connections during which every backend's module is taken out and put back: how many of both; whether the kernels
   * must be watching locks and memory meanwhile (a debug build); its limit in seconds. null: there is none.
   */
  readonly stress: {
    readonly connections: number;
    readonly unloads: number;
    readonly debug: boolean;
    readonly seconds: number;
  } | null;
  /** Limits in seconds: for one guest until its first process speaks, and for everything. */
  readonly seconds: { readonly boot: number; readonly all: number };
}
