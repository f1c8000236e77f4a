import type { Boot } from '../plan/boot.ts';
import type { BootInput } from './schema-boot.ts';

/** Fills every gap of the section `verify: boot:`. The limits are generous: a loaded machine emulates slowly. */
export function normaliseBoot(input: BootInput): Boot {
  const { machine = {}, director, backend, stress, seconds = {} } = input;
  return {
    fullnat: input.fullnat,
    machine: {
      memoryMiB: machine.memoryMiB ?? 256,
      nic: machine.nic ?? 'virtio-net-pci',
      arguments: machine.arguments ?? '',
      modules: machine.modules ?? [],
    },
    director: {
      ...director,
      sysctl: director.sysctl ?? {},
      counters: { ...director.counters, full: director.counters.full ?? null },
    },
    backend: { ...backend, trusted: backend.trusted ?? null },
    tableSize: input.tableSize,
    localAddresses: input.localAddresses ?? 4,
    connections: input.connections ?? 1000,
    uploads: input.uploads ?? 6,
    stress: stress === undefined ? null : { ...stress, debug: stress.debug ?? false, seconds: stress.seconds ?? 600 },
    seconds: { boot: seconds.boot ?? 300, all: seconds.all ?? 900 },
  };
}
