import type { Container } from 'dockerode';
import type { RunSpec } from '../tools.ts';
import { UID } from './container-options.ts';
import { tolerate } from './errors.ts';
import { checkPlaces, placesOf } from './places.ts';
import { packTar, parentsOf } from './tar-pack.ts';
import type { TarDirectory } from './tar-pack.ts';

/** Directories that every container has and its user owns: inputs, outputs, scripts. */
const OURS = ['in', 'out', 'step'];

/** Streams the files of a spec into a container that was not started yet and whose root can be written to. */
export async function uploadFiles(container: Container, spec: RunSpec, signal: AbortSignal): Promise<void> {
  const hidden = spec.files.find(({ path }) =>
    Object.keys(spec.tmpfs).some((mount) => `/${path}`.startsWith(`${mount}/`)),
  );
  if (hidden !== undefined) throw new TypeError(`a tmpfs would hide the file ${JSON.stringify(hidden.path)}`);
  checkPlaces(spec);
  const tar = await packTar({
    directories: spec.writableRoot === undefined ? directoriesOnVolumes(spec) : await directoriesFor(container, spec),
    files: spec.files,
    uid: UID[spec.user],
  });
  await container.putArchive(tar, { path: '/', abortSignal: signal });
}

/** A new volume belongs to root: without its directory in the archive its user could not write to it. */
function directoriesOnVolumes(spec: RunSpec): TarDirectory[] {
  const places = placesOf(spec);
  const made = new Map(places.map(({ path, mode }) => [path.slice(1), mode]));
  for (const parent of parentsOf(spec.files.map(({ path }) => path)))
    if (!made.has(parent) && places.some((place) => `/${parent}/`.startsWith(`${place.path}/`)))
      made.set(parent, 0o755);
  return [...made].map(([path, mode]) => ({ path, mode }));
}

/** Directories of the image keep their owner and mode: only those of ours and missing ones are in the archive. */
async function directoriesFor(container: Container, spec: RunSpec): Promise<TarDirectory[]> {
  const made = new Set(OURS);
  if (spec.user === 'builder') Object.keys(spec.volumes).forEach((path) => made.add(path.replace(/^\/+/, '')));
  for (const parent of parentsOf(spec.files.map(({ path }) => path))) {
    const ours = OURS.includes(parent.split('/')[0] ?? '');
    if (ours || !(await exists(container, `/${parent}`))) made.add(parent);
  }
  return [...made].map((path) => ({ path, mode: 0o755 }));
}

async function exists(container: Container, path: string): Promise<boolean> {
  const answer = (await tolerate(container.infoArchive({ path }), 404)) as NodeJS.ReadableStream | undefined;
  answer?.resume();
  return answer !== undefined;
}
