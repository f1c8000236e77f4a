import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';

/** Configurations and manifests are small; layers are not. */
const SMALL = 4 * 1024 ** 2;

const manifestSchema = z.array(z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish() }));

/**
 * What a saved image would bring into an engine, found without one: the id of its one image (the sha256 of its configuration,
 * which names the digests of the layers; the engine compares those when it loads). Rejects with an Error that says what is
 * wrong: not an archive of an image, more than one image, an image with tags, which would move to it.
 */
export async function imageInArchive(tar: Readable): Promise<string> {
  const { extract } = await import('tar-stream');
  const members = extract();
  const digests = new Map<string, string>();
  let manifest: unknown;
  tar.on('error', (error) => members.destroy(error));
  tar.pipe(members);
  for await (const member of members) {
    const { name, type, size } = member.header;
    if (type !== 'file' || size > SMALL) {
      member.resume();
      continue;
    }
    const bytes = await buffer(Readable.from(member, { objectMode: false }));
    if (name === 'manifest.json') manifest = JSON.parse(bytes.toString('utf8'));
    else digests.set(name, createHash('sha256').update(bytes).digest('hex'));
  }
  const images = manifestSchema.safeParse(manifest);
  if (!images.success) throw new Error('it has no manifest of images');
  const [image, ...more] = images.data;
  if (image === undefined || more.length > 0) throw new Error(`it holds ${images.data.length} images`);
  if ((image.RepoTags ?? []).length > 0) throw new Error(`its image brings tags along: ${image.RepoTags?.join(', ')}`);
  const digest = digests.get(image.Config);
  if (digest === undefined) throw new Error(`it has no configuration ${image.Config}`);
  return `sha256:${digest}`;
}
