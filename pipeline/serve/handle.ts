import type { IncomingMessage, ServerResponse } from 'node:http';
import { basename } from 'node:path';
import { repoFileText } from '../rpm/repo-file.ts';
import { currentSnapshot, isPlainHost, mirrorlistFor, otherKeys } from './dynamic.ts';
import { listingOf } from './listing.ts';
import { locate } from './locate.ts';
import { hrefOf, parseRequestPath } from './request-path.ts';
import { sendFile } from './send-file.ts';

const WORDS: Readonly<Record<number, string>> = {
  400: 'bad request',
  404: 'not found',
  405: 'only GET and HEAD',
  500: 'internal error',
};

/** Answers one request for something below `root`. Throws only what is a fault of this machine. */
export async function handle(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader('x-content-type-options', 'nosniff');
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    sendStatus(request, response, 405);
    return;
  }
  const path = parseRequestPath(request.url ?? '');
  if (path.kind === 'refused') {
    sendStatus(request, response, path.status);
    return;
  }
  if (!path.directory && (await sendDynamic(root, path.segments, request, response))) return;
  await sendStored(root, path, request, response);
}

/** An answer that is only a status and its words. */
export function sendStatus(request: IncomingMessage, response: ServerResponse, status: number): void {
  sendText(request, response, status, 'text/plain', `${WORDS[status] ?? String(status)}\n`);
}

function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
): void {
  response.setHeader('content-type', `${type}; charset=utf-8`);
  response.setHeader('content-length', Buffer.byteLength(text));
  response.setHeader('cache-control', 'no-cache');
  response.writeHead(status).end(request.method === 'HEAD' ? undefined : text);
}

/** What depends on the pointer and on the name under which the client knows this server. False: no such request. */
async function sendDynamic(
  root: string,
  [recipe = '', name, ...rest]: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const isRepo = name === `fullnat-${recipe}.repo`;
  if ((name !== 'mirrorlist' && !isRepo) || rest.length > 0 || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(recipe))
    return false;
  const snapshot = await currentSnapshot(root, recipe);
  const { host } = request.headers;
  if (snapshot === undefined) sendStatus(request, response, 404);
  else if (host === undefined || !isPlainHost(host)) sendStatus(request, response, 400);
  else {
    const text = isRepo
      ? repoFileText(recipe, `http://${host}/${recipe}`, await otherKeys(root, recipe))
      : mirrorlistFor(host, recipe, snapshot);
    sendText(request, response, 200, 'text/plain', text);
  }
  return true;
}

async function sendStored(
  root: string,
  { segments, directory }: { readonly segments: readonly string[]; readonly directory: boolean },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = await locate(root, segments);
  if (!found) {
    sendStatus(request, response, 404);
  } else if (found.stats.isFile() && !directory) {
    const immutable = segments[1] === 'snapshots' && segments.length > 3;
    await sendFile(request, response, { ...found, name: basename(found.path), immutable });
  } else if (found.stats.isDirectory() && directory) {
    await found.handle.close();
    const index = await locate(root, [...segments, 'index.html']);
    if (index?.stats.isFile()) await sendFile(request, response, { ...index, name: 'index.html', immutable: false });
    else {
      await index?.handle.close();
      sendText(request, response, 200, 'text/html', await listingOf(found.path, segments));
    }
  } else {
    await found.handle.close();
    if (found.stats.isDirectory()) response.setHeader('location', `${hrefOf(segments)}/`);
    sendStatus(request, response, found.stats.isDirectory() ? 301 : 404);
  }
}
