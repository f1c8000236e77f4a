import { z } from 'zod';
import { line, name, strict } from './schema-parts.ts';

// All of these end up in command lines of guests.
const word = line.regex(/^[A-Za-z0-9_.-]+$/, { error: 'must be one word of letters, digits, "_", "." and "-"' });
const procFile = line.regex(/^\/(proc|sys)\/[A-Za-z0-9_./-]+$/, { error: 'must be a file below /proc or /sys' });
const counter = word.describe('Name of the counter');

function count(min: number, max: number) {
  const error = `must be a number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** How published packages are booted. */
export const bootSchema = strict({
  fullnat: z
    .enum(['conntrack', 'classic'])
    .describe('Whether IPVS NAT and SNAT of conntrack rewrite both ends, or the method of the classic patches'),
  machine: strict({
    memoryMiB: count(64, 4096).optional().describe('Memory of each guest. Default: 256'),
    nic: z.enum(['virtio-net-pci', 'e1000']).optional().describe('Network card. Default: virtio-net-pci'),
    arguments: line
      .regex(/^[\x20-\x7e]+$/, { error: 'must be words' })
      .optional()
      .describe("More words for the kernel's command line"),
    modules: z.array(word).optional().describe('Modules that every guest loads first, for its network cards'),
  })
    .optional()
    .describe('The machines'),
  director: strict({
    role: name.describe('Role that the director installs'),
    modules: z.array(word).min(1, { error: 'must name at least one module' }).describe('Modules that must load'),
    sysctl: z
      .record(word, z.union([z.int().transform(String), word]))
      .optional()
      .describe('Kernel settings of the director'),
    counters: strict({
      file: procFile.describe('Where the director counts'),
      carried: counter.describe('Counts packets into which the option was put'),
      full: counter.optional().describe('Counts packets that had no room for it. Default: the director does not look'),
    }).describe('What the director counts'),
  }).describe('The director'),
  backend: strict({
    role: name.describe('Role that the backends install'),
    module: word.describe('Module that shows servers the address of the client'),
    trusted: word.optional().describe('Its parameter with the local addresses that are believed. Default: it has none'),
    counters: strict({
      file: procFile.describe('Where a backend counts'),
      carried: counter.describe('Counts accepted connections that brought the option'),
    }).describe('What a backend counts'),
  }).describe('The backends'),
  tableSize: count(256, 2 ** 27).describe('Entries of the connection table'),
  localAddresses: count(1, 50).optional().describe('Local addresses of the director. Default: 4'),
  connections: count(1, 20_000).optional().describe('Connections of the large round. Default: 1000'),
  uploads: count(1, 100).optional().describe('Uploads of 200 kB to each kind of listener. Default: 6'),
  stress: strict({
    connections: count(1, 100_000).describe('How many connections are made while the module comes and goes'),
    unloads: count(1, 20).describe("How often each backend's module is taken out and put back meanwhile"),
    debug: z.boolean().optional().describe('Whether the kernels must be watching locks and memory. Default: no'),
    seconds: count(30, 7200).optional().describe('Limit for it. Default: 600'),
  })
    .optional()
    .describe('A round in which the backends lose and get back their module. Default: none'),
  seconds: strict({
    boot: count(5, 3600).optional().describe('Until the first process of a guest speaks. Default: 300'),
    all: count(30, 7200).optional().describe('For everything. Default: 900'),
  })
    .optional()
    .describe('Limits'),
});

export type BootInput = z.output<typeof bootSchema>;
