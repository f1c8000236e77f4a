import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FACTORY_DIR } from '../../pipeline/cli/paths.ts';
import { readAptMirrors } from '../../pipeline/tools/host/apt-mirrors.ts';
import type { Containers, TarFile } from '../../pipeline/tools/tools.ts';
import { expectCode, runFactory, workplace } from '../helpers/run-factory.ts';

const HOSTS = resolve(import.meta.dirname, 'hosts');
const COMMON = resolve(FACTORY_DIR, 'dockerfiles/common');
const CONTEXT = ['Dockerfile', 'install.sh', 'disk.sh', 'grub.cfg', 'init.sh'];

/** The engine's id of the image with the hosts' disk, made of recipe lts' own images; built where the engine does not have it. */
export async function hostsImage(containers: Containers): Promise<string> {
  const [target, runner] = await factoryImages('debian-target', 'qemu-runner');
  const files = [
    ...(await filesOf(HOSTS, '', (name) => CONTEXT.includes(name))),
    ...(await filesOf(COMMON, '', (name) => name === 'debian-packages.sh')),
  ];
  const digest = createHash('sha256').update(`${target}\n${runner}\n`);
  for (const { path, bytes } of files) digest.update(`${path}\n`).update(bytes);
  const tag = `fullnat-factory/install-proof:${digest.digest('hex').slice(0, 16)}`;
  const there = await containers.imageId(tag);
  if (there !== undefined) return there;
  const { archives } = await readAptMirrors();
  const buildArgs = {
    TARGET: target ?? '',
    RUNNER: runner ?? '',
    // As the factory's own images are told; see dockerfiles/debian-builder.
    ...(archives === null ? {} : { FTP_PROXY: `${archives.main},${archives.security}` }),
  };
  const spec = { name: 'install-proof', tag, files, buildArgs, labels: {} };
  return containers.buildImage(spec, () => undefined, new AbortController().signal);
}

/** Engine ids of images of recipe lts, as the factory makes them or has made them before. */
async function factoryImages(...names: readonly string[]): Promise<string[]> {
  // Where no ledger knows them their ids are told again; the engine has them all the same.
  await using place = await workplace();
  const only = names.map((name) => `builder-image:${name}`).join(',');
  const made = await runFactory(['build', '--json', '--recipe', 'lts', '--artifacts', place.artifacts, '--only', only]);
  expectCode(made, 0);
  const outputs = made.events.flatMap((event) => (event.type === 'step-made' ? event.record.outputs : []));
  return names.map((name) => {
    const id = outputs.find((output) => output.name === name)?.engineId;
    if (id === undefined) throw new Error(`the factory made no image ${name}`);
    return id;
  });
}

/** Every file below a directory, in order, with its mode. `into`: before the path in the container. */
export async function filesOf(
  dir: string,
  into: string,
  wanted: (path: string) => boolean = () => true,
): Promise<(TarFile & { readonly bytes: Buffer })[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const relative = paths.map((path) => path.slice(dir.length + 1)).filter(wanted);
  return Promise.all(
    relative.sort().map(async (path) => ({
      path: `${into}${path}`,
      mode: (await stat(join(dir, path))).mode & 0o777,
      bytes: await readFile(join(dir, path)),
    })),
  );
}
