import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { cancellable } from '../../pipeline/tools/docker/cancel.ts';
import { imageInArchive } from '../../pipeline/tools/docker/image-archive.ts';
import { packTar } from '../../pipeline/tools/docker/tar-pack.ts';
import { FactoryError } from '../../pipeline/run/failure.ts';
import type { FakeEngine } from './fake-containers-engine.ts';

/** A tar as an engine saves it: a configuration that tells the image, and a manifest that names the configuration. */
export function fakeSave(engine: FakeEngine, id: string): Promise<Readable> {
  const image = engine.findImage(id);
  if (image === undefined) return Promise.reject(missing(id, 'No such image'));
  const files = [...image.files].map(([path, bytes]) => [path, bytes.toString('base64')]);
  const config = Buffer.from(`${JSON.stringify({ id: image.id, labels: image.labels, files })}\n`);
  const name = `${createHash('sha256').update(config).digest('hex')}.json`;
  const manifest = Buffer.from(JSON.stringify([{ Config: name, RepoTags: null, Layers: [] }]));
  return packTar({
    directories: [],
    files: [
      { path: name, mode: 0o644, bytes: config },
      { path: 'manifest.json', mode: 0o644, bytes: manifest },
    ],
    uid: 0,
  });
}

/** Takes back what fakeSave made. The fake's ids are counted, so the image gets the id that its configuration tells. */
export function fakeLoad(
  engine: FakeEngine,
  tar: Readable,
  { id, tag }: { readonly id: string; readonly tag: string },
  signal: AbortSignal,
): Promise<void> {
  return cancellable(signal, async () => {
    const bytes = await buffer(tar);
    const text = bytes.toString('latin1');
    await imageInArchive(Readable.from([bytes])).catch((error: unknown) => {
      throw missing(id, String(error));
    });
    const saved = JSON.parse(/\{"id":.*\}/.exec(text)?.[0] ?? '{}') as {
      id: string;
      labels: Record<string, string>;
      files: [string, string][];
    };
    if (saved.id !== id) throw missing(id, 'after loading the engine has no image of this id');
    const known = engine.findImage(id);
    for (const other of engine.images) other.tags.delete(tag);
    if (known !== undefined) known.tags.add(tag);
    else {
      const files = new Map(saved.files.map(([path, base64]) => [path, Buffer.from(base64, 'base64')]));
      engine.images.push({ id, tags: new Set([tag]), labels: saved.labels, files, program: () => 0 });
    }
  });
}

function missing(id: string, detail: string): FactoryError {
  return new FactoryError({ kind: 'SourceMissing', source: `image ${id}`, detail });
}
