import type { IncomingHttpHeaders } from 'node:http';
import type { DownloadLimits } from './limits.ts';
import type { Failed } from './outcome.ts';
import { later, refused, startOver, useless } from './outcome.ts';
import { HTML_INSTEAD, isArchiveName, isGzipName } from './content.ts';
import { seconds } from './reason.ts';

/** What to do with an answer whose headers came. `total`: bytes of the whole file, null when the server does not say. */
export type Decision =
  | { readonly kind: 'append'; readonly total: number | null }
  | { readonly kind: 'from-start'; readonly total: number | null }
  | { readonly kind: 'complete' }
  | Failed;

/** What was asked for. `offset` 0 means that no Range was sent. `etag`: what the bytes so far are of, if known. */
export interface Asked {
  readonly file: string;
  readonly size: number | null;
  readonly digestKnown: boolean;
  readonly offset: number;
  readonly etag: string | null;
}

/** Reads the status and headers of an answer. Pure; see the tests for the table. */
export function decide(
  answer: { readonly status: number; readonly headers: IncomingHttpHeaders },
  asked: Asked,
  limits: DownloadLimits,
  now: number,
): Decision {
  const { status, headers } = answer;
  if (status === 416 && asked.offset > 0) return decide416(headers, asked);
  if (status === 408 || status === 429 || status >= 500) return busy(status, headers, limits, now);
  if (status !== 200 && status !== 206) return refused(`HTTP ${status}`);
  const wrongBody = bodyProblem(headers, asked);
  if (wrongBody !== null) return refused(wrongBody);
  const decision = status === 206 ? decide206(headers, asked) : from(headers, 0);
  return decision.kind === 'failed' ? decision : (sizeProblem(decision.total, asked, limits) ?? decision);
}

function decide206(headers: IncomingHttpHeaders, asked: Asked): Exclude<Decision, { kind: 'complete' }> {
  if (asked.offset === 0) return refused('HTTP 206 to a request for the whole file');
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '');
  if (Number(range?.[1]) !== asked.offset) {
    return startOver(`wrong range: asked from ${asked.offset}, got ${headers['content-range'] ?? 'no Content-Range'}`);
  }
  // A server that ignores If-Range would else splice two different files.
  if (asked.etag !== null && headers.etag !== undefined && headers.etag !== asked.etag) {
    return startOver('the file changed during the download');
  }
  return range?.[2] === '*'
    ? { ...from(headers, asked.offset), kind: 'append' }
    : { kind: 'append', total: Number(range?.[2]) };
}

function decide416(headers: IncomingHttpHeaders, asked: Asked): Decision {
  const sameFile = asked.digestKnown || (asked.etag !== null && headers.etag === asked.etag);
  const total = /^bytes \*\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1];
  if (sameFile && total !== undefined && Number(total) === asked.offset) return { kind: 'complete' };
  return startOver(`HTTP 416 to a resume at ${asked.offset}`);
}

function busy(status: number, headers: IncomingHttpHeaders, limits: DownloadLimits, now: number): Failed {
  const text = headers['retry-after'];
  if (text === undefined) return later(`HTTP ${status}`);
  const wait = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  if (Number.isNaN(wait)) return later(`HTTP ${status}`);
  if (wait > limits.retryAfterMs) return refused(`HTTP ${status}, asks to wait ${seconds(wait)}`);
  return later(`HTTP ${status}`, Math.max(0, wait));
}

function bodyProblem(headers: IncomingHttpHeaders, asked: Asked): string | null {
  if (isArchiveName(asked.file) && /^text\/html\b/i.test(headers['content-type'] ?? '')) return HTML_INSTEAD;
  const encoding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  const onlyALabel = /^(x-)?gzip$/.test(encoding) && isGzipName(asked.file);
  return encoding === 'identity' || onlyALabel ? null : `content encoding ${encoding} that was not asked for`;
}

function sizeProblem(total: number | null, asked: Asked, limits: DownloadLimits): Failed | null {
  if (total === null) return null;
  if (asked.size !== null && total !== asked.size) {
    const reason = `wrong size: announces ${total} bytes, expected ${asked.size}`;
    return asked.digestKnown ? refused(reason) : useless(reason);
  }
  return total > limits.maxBytes && asked.size === null ? useless(tooLarge(limits)) : null;
}

/** The reason for a file without a known size that is beyond every sense. */
export const tooLarge = (limits: DownloadLimits): string => `larger than ${limits.maxBytes} bytes`;

function from(
  headers: IncomingHttpHeaders,
  offset: number,
): { readonly kind: 'from-start'; readonly total: number | null } {
  const length = headers['content-length'];
  return { kind: 'from-start', total: length === undefined ? null : offset + Number(length) };
}
