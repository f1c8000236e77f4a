import { execFile } from 'node:child_process';
import { readFile, realpath } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { packTar, parentsOf } from '../../pipeline/tools/docker/tar-pack.ts';
import type { TarFile } from '../../pipeline/tools/tools.ts';

/** Programs of the host that tests call inside the image. */
const PROGRAMS = [
  ...['bash', 'sh', 'cat', 'chmod', 'cp', 'dd', 'env', 'false', 'head', 'id', 'ls', 'ln', 'mkdir', 'mkfifo', 'printf'],
  ...['seq', 'sha256sum', 'sleep', 'stat', 'stty', 'tr', 'true', 'truncate', 'uname', 'wc'],
];

/** Shared libraries of a program, as paths: what ldd lists. Empty for a static program. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ldd', [program]).catch(() => ({ stdout: '' }));
  return [...stdout.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
}

/**
 * A root file system of a few megabytes out of the programs of this Linux host, so that tests of a real engine need no
 * registry: bash and some coreutils in /bin with their libraries where the loader looks for them, users root and builder.
 */
export async function tinyRootfs(): Promise<Readable> {
  const programs = await Promise.all(PROGRAMS.map(findProgram));
  const libraries = new Set((await Promise.all(programs.map(({ path }) => librariesOf(path)))).flat());
  const files: TarFile[] = [
    ...(await Promise.all(programs.map(({ name, path }) => hostFile(`bin/${name}`, path)))),
    ...(await Promise.all([...libraries].map((path) => hostFile(path.slice(1), path)))),
    text('etc/passwd', 'root:x:0:0::/root:/bin/bash\nbuilder:x:1000:1000::/home/builder:/bin/bash\n'),
    text('etc/group', 'root:x:0:\nbuilder:x:1000:\n'),
    text('etc/tiny-release', 'tiny\n'),
  ];
  const directories = [...parentsOf(files.map(({ path }) => path)), 'dev', 'home', 'proc', 'root', 'sys', 'tmp'];
  const modeOf = (path: string): number => (path === 'tmp' ? 0o1777 : 0o755);
  return packTar({
    directories: [...new Set(directories)].map((path) => ({ path, mode: modeOf(path) })),
    files,
    uid: 0,
  });
}

async function findProgram(name: string): Promise<{ name: string; path: string }> {
  const { stdout } = await promisify(execFile)('bash', ['-c', `type -P ${name}`]);
  return { name, path: stdout.trim() };
}

async function hostFile(path: string, from: string): Promise<TarFile> {
  return { path, mode: 0o755, bytes: await readFile(await realpath(from)) };
}

function text(path: string, contents: string): TarFile {
  return { path, mode: 0o644, bytes: Buffer.from(contents) };
}
