/** The segments of a request's path, or the status to refuse it with. */
export type RequestPath =
  | { readonly kind: 'path'; readonly segments: readonly string[]; readonly directory: boolean }
  | { readonly kind: 'refused'; readonly status: 400 | 404 };

const refused = (status: 400 | 404): RequestPath => ({ kind: 'refused', status });

/**
 * Takes a request target apart. Refused: anything but an absolute path, encoded slashes, backslashes and control
 * characters (400); dot segments, hidden names and unfinished directories (404). Repeated slashes count as one.
 */
export function parseRequestPath(target: string): RequestPath {
  const raw = target.replace(/[?#].*$/s, '');
  if (!raw.startsWith('/') || /%2f|%5c|%00|\\/i.test(raw)) return refused(400);
  let decoded: string;
  try {
    decoded = decodeURIComponent(raw);
  } catch {
    return refused(400);
  }
  if (/\p{Cc}/u.test(decoded)) return refused(400);
  const segments = decoded.split('/').filter((segment) => segment !== '');
  if (!segments.every(isPublicName)) return refused(404);
  return { kind: 'path', segments, directory: decoded.endsWith('/') };
}

/** Whether a directory entry may be seen: not hidden, and not something in the making. */
export const isPublicName = (name: string): boolean => !name.startsWith('.') && !name.endsWith('.partial');

/** The path for a Location or href: always absolute on this server, whatever the names are. */
export const hrefOf = (segments: readonly string[]): string =>
  `/${segments.map((segment) => encodeURIComponent(segment)).join('/')}`;
