import type { Readable } from 'node:stream';
import { cancellable } from './cancel.ts';
import type { Engine } from './connect.ts';
import { errorIn, jsonEvents } from './json-events.ts';
import { labelsFor } from './labels.ts';
import { readable } from './streams.ts';

/** Imports a root file system tar as an image that starts bash; returns its id. */
export async function importImage(
  engine: Engine,
  tar: Readable,
  options: { readonly tag: string; readonly labels: Readonly<Record<string, string>> },
  signal: AbortSignal,
): Promise<string> {
  const { repo, tag } = splitTag(options.tag);
  const labels = { ...options.labels, ...labelsFor(engine.identity, 'image', `import ${options.tag}`) };
  const changes = [...Object.entries(labels).map(labelInstruction), 'CMD ["/bin/bash"]'].join('\n');
  return cancellable(signal, async (stop) => {
    const request = { repo, tag, changes, abortSignal: stop.signal };
    const answer = readable(await engine.docker.importImage(tar, request));
    let id: string | undefined;
    for await (const event of jsonEvents(answer)) {
      const failed = errorIn(event);
      if (failed !== undefined) throw new Error(`importing ${options.tag}: ${failed}`);
      if (event.status?.startsWith('sha256:')) id = event.status.trim();
    }
    if (id === undefined) throw new Error(`importing ${options.tag}: the engine named no image`);
    return id;
  });
}

/** `registry:5000/name:tag` in its parts; the tag is `latest` when there is none. */
export function splitTag(reference: string): { repo: string; tag: string } {
  const colon = reference.lastIndexOf(':');
  if (colon <= reference.lastIndexOf('/')) return { repo: reference, tag: 'latest' };
  return { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** A LABEL instruction whose key and value come out as they went in. Throws a TypeError on a newline. */
function labelInstruction([key, value]: readonly [string, string]): string {
  const quote = (text: string): string => `"${text.replace(/["\\$]/g, (character) => `\\${character}`)}"`;
  if (/[\r\n]/.test(key + value)) throw new TypeError(`a label with a newline: ${JSON.stringify(key)}`);
  return `LABEL ${quote(key)}=${quote(value)}`;
}
