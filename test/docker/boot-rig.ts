import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { tempDir } from '../helpers/temp-dir.ts';

const HOST = resolve(import.meta.dirname, '../../pipeline/host');
/** Parts of install.sh: what boot loaders and devices need, and they themselves. Order is no matter, they only define. */
const PARTS = [
  'lib/begin.sh',
  ...readdirSync(join(HOST, 'install'))
    .filter((name) => /^(state|files|boot.*|devices.*)\.sh$/.test(name))
    .map((name) => `install/${name}`),
];

/** A host's file system in a directory, and the functions of install.sh that look at it or change it. */
export interface BootHost {
  readonly root: string;
  /** Runs shell lines with the parts of install.sh that know boot loaders and devices; $root is the directory. */
  run(script: string): { readonly code: number; readonly text: string };
  /** The same; fails when the lines do. */
  ok(script: string): string;
  read(path: string): string;
  bytes(path: string): Buffer;
  write(path: string, content: string | Buffer): void;
  exists(path: string): boolean;
}

/** The shells and awks of hosts, as far as this machine has them: those of Debian, and what is nearest to CentOS 6's. */
export const HOSTS_SHELLS: readonly (readonly [shell: string, awk: string])[] = (
  [
    ['dash', 'mawk'],
    ['bash --posix', 'gawk --posix'],
    ['busybox sh', 'busybox awk'],
    ['sh', 'awk'],
  ] as const
).filter((words) => words.every((word) => spawnSync('which', [word.split(' ')[0] ?? '']).status === 0));

/** A host of these files. Nothing outside of the directory is written. */
export function bootHost(
  files: Readonly<Record<string, string | Buffer>>,
  [shell, awk]: readonly [string, string] = ['sh', 'awk'],
): BootHost {
  const dir = tempDir();
  const root = join(dir, 'root');
  const bin = join(dir, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(
    join(bin, 'awk'),
    `#!/bin/sh\nexec ${execFileSync('which', [awk.split(' ')[0] ?? ''], { encoding: 'utf8' }).trim()} ${awk.split(' ').slice(1).join(' ')} "$@"\n`,
  );
  chmodSync(join(bin, 'awk'), 0o755);
  const host: BootHost = {
    root,
    run(script) {
      const [program = 'sh', ...args] = shell.split(' ');
      const head = [
        'set -u',
        'program=install',
        `root='${root}' state_dir='${dir}/state' work='${dir}/work'`,
        'mkdir -p "$state_dir/kept" "$work"',
        ...PARTS.map((part) => `. '${join(HOST, part)}'`),
        // The real one waits for the disk.
        'flush() { :; }',
      ];
      const env = { PATH: `${bin}:${process.env.PATH ?? ''}`, LC_ALL: 'C' };
      const done = spawnSync(program, [...args, '-c', [...head, script].join('\n')], { encoding: 'utf8', env });
      return { code: done.status ?? -1, text: `${done.stdout}${done.stderr}`.trim() };
    },
    ok(script) {
      const { code, text } = host.run(script);
      if (code !== 0) throw new Error(`exit ${code}: ${text}`);
      return text;
    },
    read: (path) => readFileSync(join(root, path), 'utf8'),
    bytes: (path) => readFileSync(join(root, path)),
    write(path, content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    },
    exists: (path) => existsSync(join(root, path)),
  };
  for (const [path, content] of Object.entries(files)) host.write(path, content);
  return host;
}
