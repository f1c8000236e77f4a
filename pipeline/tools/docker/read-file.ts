import { posix } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Container } from 'dockerode';
import { FactoryError } from '../../run/failure.ts';
import { readArchive } from './archive.ts';
import type { Engine } from './connect.ts';
import { imageMissing, removeContainer } from './container.ts';
import { messageOf, statusOf, tolerate } from './errors.ts';
import { labelsFor } from './labels.ts';
import { readable } from './streams.ts';

const LIMITS = { bytes: 64 * 1024 ** 2, members: 1, pathBytes: 4096 };
const MAX_LINKS = 8;

/** Reads one file (at most 64 MiB) out of an image without running anything. SourceMissing when there is none. */
export async function readFile(engine: Engine, image: string, path: string): Promise<Buffer> {
  const container = await engine.docker
    .createContainer({
      Image: image,
      Cmd: ['/none'],
      Labels: labelsFor(engine.identity, 'container', `read ${path}`),
      HostConfig: { NetworkMode: 'none' },
    })
    .catch((error: unknown) => {
      throw statusOf(error) === 404 ? imageMissing(image, error) : error;
    });
  try {
    return await readFrom(container, image, await followLinks(container, path));
  } finally {
    await removeContainer(container, () => undefined);
  }
}

async function readFrom(container: Container, image: string, path: string): Promise<Buffer> {
  const tar = await container.getArchive({ path }).catch((error: unknown) => {
    if (statusOf(error) !== 404) throw error;
    throw new FactoryError({ kind: 'SourceMissing', source: `${image} ${path}`, detail: messageOf(error) });
  });
  let found: Buffer | undefined;
  await readArchive(readable(tar), { name: image, root: posix.basename(path) }, LIMITS, async ({ bytes }) => {
    found = await buffer(bytes);
  });
  if (found !== undefined) return found;
  throw new FactoryError({ kind: 'SourceMissing', source: `${image} ${path}`, detail: 'not a regular file' });
}

/** The engine archives a symbolic link itself, not what it points to. */
async function followLinks(container: Container, path: string): Promise<string> {
  let at = path;
  for (let links = 0; links < MAX_LINKS; links++) {
    const target = await linkTarget(container, at);
    if (target === '') return at;
    at = posix.resolve(posix.dirname(at), target);
  }
  throw new FactoryError({ kind: 'SourceMissing', source: path, detail: `more than ${MAX_LINKS} symbolic links` });
}

async function linkTarget(container: Container, path: string): Promise<string> {
  const answer = (await tolerate(container.infoArchive({ path }), 404)) as
    (NodeJS.ReadableStream & { readonly headers: Readonly<Record<string, string | undefined>> }) | undefined;
  answer?.resume();
  const stat = answer?.headers['x-docker-container-path-stat'];
  if (stat === undefined) return '';
  return (JSON.parse(Buffer.from(stat, 'base64').toString('utf8')) as { linkTarget: string }).linkTarget;
}
