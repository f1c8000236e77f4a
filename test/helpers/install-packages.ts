import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** Packages in the shape of CentOS 6, made by install-packages.sh. */
export interface InstallPackages {
  /** Holds host/, ours/, forged/, unsigned/ and keys; see install-packages.sh. */
  readonly dir: string;
  /** Of the key that signed ours/. */
  readonly fingerprint: string;
  /** That key, armored. */
  readonly key: string;
  /** File name to bytes, of one of the folders. */
  files(folder: 'ours' | 'forged' | 'unsigned'): ReadonlyMap<string, Buffer>;
}

/** Makes them in the builder image, in seconds. `dir`: where they go. */
export async function installPackages(image: string, dir: string): Promise<InstallPackages> {
  const docker = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('docker', args)).stdout.trim();
  const id = await docker(
    'run',
    '--rm',
    '--detach',
    '--init',
    '--network',
    'none',
    '--user',
    '0',
    image,
    'sleep',
    '600',
  );
  try {
    await docker('cp', resolve(import.meta.dirname, 'install-packages.sh'), `${id}:/install-packages.sh`);
    await docker('exec', '--user', '0', id, '/bin/bash', '-c', 'mkdir /out && bash /install-packages.sh');
    await docker('cp', `${id}:/out/.`, dir);
  } finally {
    await docker('rm', '--force', id);
  }
  return {
    dir,
    fingerprint: readFileSync(join(dir, 'fingerprint'), 'utf8').trim(),
    key: readFileSync(join(dir, 'factory.asc'), 'utf8'),
    files: (folder) =>
      new Map(readdirSync(join(dir, folder)).map((name) => [name, readFileSync(join(dir, folder, name))])),
  };
}
