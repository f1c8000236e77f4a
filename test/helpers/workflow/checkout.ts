import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, readdir, symlink, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const ROOT = resolve(import.meta.dirname, '../../..');

/**
 * A copy of this work tree as `git clone` would give it after a commit of all that is there now: no artifacts, nothing ignored. Its
 * node_modules is its own, with links to the packages.
 */
export async function checkout(to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  const { stdout } = await promisify(execFile)('git', ['ls-files', '-co', '--exclude-standard', '-z'], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 ** 2,
  });
  const pack = spawn('tar', ['-C', ROOT, '--null', '-T', '-', '--ignore-failed-read', '-cf', '-'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const unpack = spawn('tar', ['-C', to, '-xf', '-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  const unpacked = new Promise((done, fail) => unpack.once('error', fail).once('close', done));
  pack.stdin.end(stdout);
  await pipeline(pack.stdout, unpack.stdin);
  if ((await unpacked) !== 0) throw new Error(`tar could not fill ${to}`);

  const [from, modules] = [join(ROOT, 'node_modules'), join(to, 'node_modules')];
  await mkdir(modules);
  for (const name of await readdir(from))
    if (name !== '.cache' && name !== '.package-lock.json') await symlink(join(from, name), join(modules, name));
  // setup.sh installs nothing when this is newer than package-lock.json.
  await copyFile(join(from, '.package-lock.json'), join(modules, '.package-lock.json'));
  await utimes(join(modules, '.package-lock.json'), new Date(), new Date());
}
