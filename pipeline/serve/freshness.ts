import type { IncomingHttpHeaders } from 'node:http';

/** What tells two versions of a file apart. */
export interface Version {
  readonly etag: string;
  readonly lastModified: string;
}

/** Weak, because it is made of size and time and not of the bytes. */
export const versionOf = ({ size, mtimeMs }: { readonly size: number; readonly mtimeMs: number }): Version => ({
  etag: `W/"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`,
  lastModified: new Date(mtimeMs).toUTCString(),
});

/** Whether the client has this version already. If-None-Match decides alone when it is there (RFC 9110 section 13.2.2). */
export function hasAlready(headers: IncomingHttpHeaders, version: Version): boolean {
  const match = headers['if-none-match'];
  if (match !== undefined) {
    const weak = (tag: string): string => tag.trim().replace(/^W\//, '');
    return match.trim() === '*' || match.split(',').some((tag) => weak(tag) === weak(version.etag));
  }
  const since = Date.parse(headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Date.parse(version.lastModified) <= since;
}

/** Whether a Range may be honoured: If-Range is absent or names this version by its date (a weak tag never counts). */
export function rangeStillFits(headers: IncomingHttpHeaders, version: Version): boolean {
  const condition = headers['if-range'];
  return condition === undefined || condition === version.lastModified;
}
