import type { FileHandle } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { contentType } from './content-type.ts';
import { hasAlready, rangeStillFits, versionOf } from './freshness.ts';
import { sliceOf } from './range.ts';

/** Sends an open regular file, or the part of it that was asked for. The handle is closed in every case. */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  file: { readonly name: string; readonly handle: FileHandle; readonly stats: Stats; readonly immutable: boolean },
): Promise<void> {
  const { size } = file.stats;
  const version = versionOf(file.stats);
  response.setHeader('etag', version.etag);
  response.setHeader('last-modified', version.lastModified);
  response.setHeader('accept-ranges', 'bytes');
  response.setHeader('cache-control', file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (hasAlready(request.headers, version)) {
    await file.handle.close();
    response.writeHead(304).end();
    return;
  }
  const wantsRange = request.method === 'GET' && rangeStillFits(request.headers, version);
  const slice = sliceOf(wantsRange ? request.headers.range : undefined, size);
  if (slice.kind === 'outside') {
    await file.handle.close();
    response.writeHead(416, { 'content-range': `bytes */${size}`, 'content-length': 0 }).end();
    return;
  }
  const [start, end] = slice.kind === 'all' ? [0, size - 1] : [slice.start, slice.end];
  response.setHeader('content-type', contentType(file.name));
  response.setHeader('content-length', end - start + 1);
  if (slice.kind === 'range') response.setHeader('content-range', `bytes ${start}-${end}/${size}`);
  response.writeHead(slice.kind === 'range' ? 206 : 200);
  if (request.method === 'HEAD' || size === 0) {
    await file.handle.close();
    response.end();
    return;
  }
  const bytes = file.handle.createReadStream({ start, end });
  await pipeline(bytes, response, { end: false });
  // A file that got shorter meanwhile: break the connection, or the client would wait for the rest for ever.
  if (bytes.bytesRead === end - start + 1) response.end();
  else response.destroy();
}
