import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { release } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import type { AptMirrors, Host } from '../tools.ts';
import { readAptMirrors } from './apt-mirrors.ts';
import { runScript } from './script.ts';
import { signingAgent } from './signing-agent.ts';
import { sharesKernel, vsyscallOf } from './vsyscall.ts';

const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface HostOptions {
  /** Directory that stands for `/` when the apt configuration is read. */
  readonly aptRoot?: string;
  /** Only PATH is taken from it; programs of GnuPG get all of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How long a cancelled script may take to end by itself, in milliseconds. */
  readonly graceMs?: number;
}

/** The programs and settings of the machine that the factory runs on. */
export function createHost({ aptRoot, env, graceMs = 5000 }: HostOptions): Host {
  const path = env['PATH'] ?? USUAL_PATH;
  let mirrors: Promise<AptMirrors> | undefined;
  return {
    aptMirrors: () => (mirrors ??= readAptMirrors(aptRoot)),
    async vsyscall(engine) {
      const { platform, arch } = process;
      if (!sharesKernel(engine, { platform, arch, kernel: release() })) return 'unknown';
      return vsyscallOf(await readFile('/proc/self/maps', 'utf8'), await readFile('/proc/cmdline', 'utf8'));
    },
    script: (script, given, onLine, signal) =>
      runScript(script, { env: { PATH: path, ...given }, onLine, signal, graceMs }),
    async has(program) {
      const places = program.includes('/') ? [program] : path.split(delimiter).map((dir) => join(dir, program));
      for (const place of places) if (isAbsolute(place) && (await isProgram(place))) return true;
      return false;
    },
    signingAgent: (fingerprint) => signingAgent(fingerprint, env),
  };
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    // Everything that keeps us from looking also keeps us from running it.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}
