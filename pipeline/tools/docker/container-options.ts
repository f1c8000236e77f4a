import type { ContainerCreateOptions, MountSettings } from 'dockerode';
import type { RunSpec } from '../tools.ts';

/** The numeric user and group of the two users that a container may run as. */
export const UID = { root: 0, builder: 1000 } as const;

/** What apt, dnf and rpm need to install packages; everything else that Docker grants by default is dropped. */
const ROOT_CAPABILITIES = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'SETGID', 'SETUID', 'SYS_CHROOT'];

/**
 * An engine without limits gives containers a billion file descriptors, and old rpm and yum walk through all of them for
 * every scriptlet. Low enough that an engine which may not raise limits can still set it.
 */
export const OPEN_FILES = { Name: 'nofile', Soft: 1024, Hard: 4096 };

/** Processes and threads of one container: far more than the compilers of a large machine, far less than a machine bears. */
export const MAX_PROCESSES = 2048;

const DEFAULT_MEMORY = 2 * 1024 ** 3;
/** What a container leaves of the memory to the machine. */
const SHARE_OF_MACHINE = 0.9;

/**
 * How a container is made: no network unless asked for, no privileges, no bind mounts, no log of the engine's own, memory
 * and processes limited, and nothing to write to but what `mounts` and the spec give.
 */
export function containerOptions(
  spec: RunSpec,
  made: {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly interactive: boolean;
    readonly tty: boolean;
    readonly mounts: readonly MountSettings[];
    /** Memory of the engine's machine in bytes; 0: unknown. */
    readonly machineBytes: number;
  },
): ContainerCreateOptions {
  const uid = UID[spec.user];
  const memory = memoryLimit(spec, made.machineBytes);
  const stdin = made.interactive || spec.stdin !== undefined;
  return {
    name: made.name,
    Image: spec.image,
    Entrypoint: [],
    Cmd: [...spec.command],
    Env: Object.entries(spec.env).map(([key, value]) => `${key}=${value}`),
    Hostname: spec.hostname ?? 'builder',
    User: `${uid}:${uid}`,
    Labels: made.labels,
    Tty: made.tty,
    OpenStdin: stdin,
    StdinOnce: stdin,
    AttachStdin: stdin,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: spec.network,
      ReadonlyRootfs: spec.writableRoot === undefined,
      Memory: memory,
      // Together with swap: as much as without, so none.
      MemorySwap: memory,
      CapDrop: ['ALL'],
      CapAdd: spec.user === 'root' ? ROOT_CAPABILITIES : [],
      SecurityOpt: ['no-new-privileges'],
      PidsLimit: MAX_PROCESSES,
      Ulimits: [OPEN_FILES, { Name: 'core', Soft: 0, Hard: 0 }],
      Init: true,
      LogConfig: { Type: 'none', Config: {} },
      Devices: Object.entries(spec.devices ?? {}).map(([path, host]) => ({
        PathInContainer: path,
        PathOnHost: host,
        CgroupPermissions: 'r',
      })),
      Tmpfs: Object.fromEntries(
        Object.entries(spec.tmpfs).map(([path, size]) => [path, tmpfsOptions(path, size, uid)]),
      ),
      Mounts: [...made.mounts, ...socketMounts(spec)],
    },
  };
}

/** Bytes for the command and its tmpfs together, but never more than the machine can give. */
export function memoryLimit(spec: Pick<RunSpec, 'memoryBytes' | 'tmpfs'>, machineBytes: number): number {
  const tmpfs = Object.values(spec.tmpfs).reduce((sum, bytes) => sum + bytes, 0);
  const wanted = (spec.memoryBytes ?? DEFAULT_MEMORY) + tmpfs;
  return machineBytes > 0 ? Math.min(wanted, Math.floor(machineBytes * SHARE_OF_MACHINE)) : wanted;
}

/** Only the socket itself and read-only, which keeps nobody from connecting: what lies beside it stays out of sight. */
function socketMounts({ sockets = {} }: RunSpec): MountSettings[] {
  return Object.entries(sockets).map(([Target, Source]) => ({ Type: 'bind', Source, Target, ReadOnly: true }));
}

function tmpfsOptions(path: string, bytes: number, uid: number): string {
  const shared = /^\/(var\/)?tmp$/.test(path);
  const owner = shared ? 'mode=1777' : `mode=755,uid=${uid},gid=${uid}`;
  return `rw,exec,nosuid,nodev,size=${bytes},${owner}`;
}
