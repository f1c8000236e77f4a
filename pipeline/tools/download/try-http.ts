import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Request, Response } from 'got';
import { decide } from './answer.ts';
import { fill, shortBody } from './fill.ts';
import { maskCredentials } from './mirror-url.ts';
import type { Outcome } from './outcome.ts';
import { later, refused } from './outcome.ts';
import type { Part, PartState } from './part.ts';
import { failedRequest, seconds } from './reason.ts';
import { refusesRedirect } from './redirect.ts';
import type { Wanted } from './wanted.ts';

/** One request for the bytes that are still missing. Throws only what is not the mirror's fault. */
export async function tryHttp(url: URL, part: Part, wanted: Wanted): Promise<Outcome> {
  const digestKnown = wanted.sha256 !== null;
  const here = maskCredentials(url.href);
  const sameMirror = part.state?.url === here ? part.state : null;
  const validator = sameMirror && validatorOf(sameMirror);
  // Without a digest only a validator can tell that old and new bytes belong together.
  if (part.size > 0 && !digestKnown && !validator) await part.reset();
  const offset = part.size;
  const headers: Record<string, string> = { 'user-agent': 'fullnat-factory', 'accept-encoding': 'identity' };
  if (offset > 0) headers['range'] = `bytes=${offset}-`;
  if (offset > 0 && validator) headers['if-range'] = validator;

  const client = await request(url, headers, wanted);
  try {
    const response = await client.response;
    const decision = decide(
      { status: response.statusCode, headers: response.headers },
      { file: wanted.file, size: wanted.size, digestKnown, offset, etag: sameMirror?.etag ?? null },
      wanted.limits,
      Date.now(),
    );
    if (decision.kind === 'failed' || decision.kind === 'complete') return decision;
    if (decision.kind === 'from-start') await part.restart(stateOf(here, response));
    client.expect(decision.total);
    return await fill(
      part,
      client.body(),
      { size: wanted.size, expected: decision.total },
      wanted.limits,
      wanted.onBytes,
    );
  } catch (error) {
    return client.explain(error, part);
  } finally {
    client.end();
  }
}

const validatorOf = (state: PartState): string | null =>
  state.etag !== null && !state.etag.startsWith('W/') ? state.etag : state.lastModified;

const stateOf = (url: string, { headers }: Response): PartState => ({
  schema: 1,
  url,
  etag: headers.etag ?? null,
  lastModified: headers['last-modified'] ?? null,
});

/** A running request with one place where its ends of all kinds (errors, silence, refusal, abort) become words. */
interface Client {
  readonly response: Promise<Response>;
  expect(total: number | null): void;
  body(): AsyncGenerator<Uint8Array>;
  explain(error: unknown, part: Part): Outcome;
  end(): void;
}

async function request(url: URL, headers: Record<string, string>, wanted: Wanted): Promise<Client> {
  const { default: got, RequestError } = await import('got');
  const { limits, signal } = wanted;
  let ended: Outcome | undefined;
  let expected: number | null = null;
  const stream: Request = got.stream(url, {
    headers,
    retry: { limit: 0 },
    decompress: false,
    throwHttpErrors: false,
    maxRedirects: limits.redirects,
    timeout: {
      lookup: limits.connectMs,
      connect: limits.connectMs,
      secureConnect: limits.connectMs,
      response: limits.responseMs,
    },
    hooks: {
      beforeRedirect: [
        ({ url: to }, { requestUrl, redirectUrls }) => {
          const reason = refusesRedirect([requestUrl, ...redirectUrls, ...(to ? [new URL(to)] : [])], wanted.sha256);
          if (reason === null) return;
          ended ??= refused(reason);
          throw new Error(reason);
        },
      ],
    },
  });
  const stop = (outcome: Outcome & { kind: 'failed' }): void => {
    ended ??= outcome;
    stream.destroy(new Error(outcome.reason));
  };
  const cancel = (): void => stop(later('cancelled'));
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  // The client drops what it has buffered when the connection breaks. Read from the first moment and end in good order,
  // so that every byte that arrived counts for the resume.
  const arrived = new PassThrough();
  let broken: Error | undefined;
  stream.once('response', () => void stream.pipe(arrived));
  stream.on('error', (error) => {
    broken ??= error;
    arrived.end();
  });
  const response = once(stream, 'response').then(([first]: unknown[]) => first as Response);
  response.catch(() => undefined);
  return {
    response,
    expect(total) {
      expected = total;
    },
    async *body() {
      const stall = setTimeout(() => stop(later(`no byte for ${seconds(limits.stallMs)}`)), limits.stallMs);
      try {
        for await (const chunk of arrived) {
          stall.refresh();
          yield chunk as Uint8Array;
          stall.refresh();
        }
      } finally {
        clearTimeout(stall);
      }
      if (broken) throw broken;
    },
    explain(error, part) {
      if (ended) return ended;
      if (!(error instanceof RequestError)) throw error;
      const cut = error.name === 'ReadError' || error.code === 'ECONNRESET';
      return cut && part.size > 0 ? shortBody(part.size, wanted.size ?? expected) : failedRequest(error, limits);
    },
    end() {
      signal.removeEventListener('abort', cancel);
      stream.destroy();
      arrived.destroy();
    },
  };
}
