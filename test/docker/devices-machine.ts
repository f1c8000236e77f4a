import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BootHost, bootHost, HOSTS_SHELLS } from './boot-rig.ts';

/** A device below /sys/devices, with the driver that it has now. */
export interface Device {
  readonly path: string;
  readonly modalias?: string;
  readonly id?: string;
  readonly class?: string;
  readonly driver?: string;
  /** Module of the driver; absent: built in. */
  readonly module?: string;
}

/** A machine in a directory: /sys and /proc as kernels show them. `root`: of /, as device number, type. */
export function machine(devices: readonly Device[], root: string, shell = HOSTS_SHELLS[0]): BootHost {
  const host = bootHost(
    { 'proc/self/mountinfo': `21 1 ${root.replace(' ', ' / / rw,relatime - ')} /dev/x rw\n` },
    shell,
  );
  mkdirSync(join(host.root, 'sys/bus'), { recursive: true });
  for (const device of devices) {
    const at = `sys/devices/${device.path}`;
    mkdirSync(join(host.root, at), { recursive: true });
    const [vendor, number] = device.id?.split(':') ?? [];
    if (device.modalias !== undefined) host.write(`${at}/modalias`, `${device.modalias}\n`);
    if (vendor !== undefined) host.write(`${at}/vendor`, `0x${vendor}\n`);
    if (number !== undefined) host.write(`${at}/device`, `0x${number}\n`);
    if (device.class !== undefined) host.write(`${at}/class`, `${device.class}\n`);
    const bus = device.modalias?.split(':')[0];
    if (bus !== undefined) link(host, `sys/bus/${bus}/devices/${device.path.split('/').at(-1) ?? ''}`, at);
    if (device.driver === undefined) continue;
    const driver = `sys/bus/${bus ?? 'scsi'}/drivers/${device.driver}`;
    mkdirSync(join(host.root, driver), { recursive: true });
    link(host, `${at}/driver`, driver);
    if (device.module === undefined) continue;
    mkdirSync(join(host.root, `sys/module/${device.module}`), { recursive: true });
    link(host, `${driver}/module`, `sys/module/${device.module}`);
  }
  return host;
}

/** A link below the directory; what is there already stays. */
export function link(host: BootHost, from: string, to: string): void {
  mkdirSync(join(host.root, dirname(from)), { recursive: true });
  try {
    symlinkSync(join(host.root, to), join(host.root, from));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
