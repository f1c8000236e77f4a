import { extname } from 'node:path';

/** Media types by extension, with its dot. */
export const TYPES: Readonly<Record<string, string>> = {
  '.rpm': 'application/x-rpm',
  '.xml': 'application/xml',
  '.gz': 'application/gzip',
  '.xz': 'application/x-xz',
  '.bz2': 'application/x-bzip2',
  '.zst': 'application/zstd',
  '.asc': 'application/pgp-signature',
  '.json': 'application/json',
  '.jsonl': 'application/jsonl',
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.repo': 'text/plain; charset=utf-8',
  '.sh': 'text/plain; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
};

/** The media type for a file name; names without an extension (SHA256SUMS, current, RPM-GPG-KEY-…) are text. */
export function contentType(name: string): string {
  const extension = extname(name).toLowerCase();
  if (extension === '') return 'text/plain; charset=utf-8';
  return TYPES[extension] ?? 'application/octet-stream';
}
