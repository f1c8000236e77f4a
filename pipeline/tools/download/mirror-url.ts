import { basename, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where a mirror keeps the file: on the web, or on a disk of this machine. */
export type Place =
  | { readonly kind: 'http' | 'ftp'; readonly url: URL }
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'bad'; readonly reason: string };

/**
 * Reads one entry of a mirror list: an http(s), ftp or file URL or an absolute path. A URL that ends with `/` is a directory
 * that holds `file`; for local paths that is found out on the disk.
 */
export function placeOf(mirror: string, file: string): Place {
  if (isAbsolute(mirror)) return { kind: 'local', path: mirror };
  if (!URL.canParse(mirror)) return { kind: 'bad', reason: 'not a URL' };
  const url = new URL(mirror);
  if (url.protocol === 'file:') {
    if (url.host !== '') return { kind: 'bad', reason: 'a file URL with a host name' };
    return { kind: 'local', path: fileURLToPath(url) };
  }
  const kind = { 'http:': 'http', 'https:': 'http', 'ftp:': 'ftp' }[url.protocol] as 'http' | 'ftp' | undefined;
  if (kind === undefined) {
    const reason = `${url.protocol} is not spoken here: fetch it by other means and give it with --mirror`;
    return { kind: 'bad', reason };
  }
  if (url.pathname.endsWith('/')) url.pathname += encodeURIComponent(basename(file));
  return { kind, url };
}

/** The file itself for a directory that was given as a mirror. */
export const inDirectory = (directory: string, file: string): string => join(directory, basename(file));

const SECRET_QUERY = /([?&][^=&#]*(?:token|key|sig|signature|password|passwd|secret|auth|credential)[^=&#]*=)[^&#]+/gi;

/** Any text with the credentials of the URLs in it replaced by `***`. */
export function maskCredentials(text: string): string {
  return text.replace(/(:\/\/)[^/?#\s]+@/g, '$1***@').replace(SECRET_QUERY, '$1***');
}
