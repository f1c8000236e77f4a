import { open } from 'node:fs/promises';

const ARCHIVE = /\.(rpm|deb|tar|gz|tgz|xz|txz|bz2|tbz2?|zip|zst|lzma)$/i;

const MAGIC: readonly { readonly name: RegExp; readonly what: string; readonly bytes: Buffer }[] = [
  { name: /\.rpm$/i, what: 'an RPM package', bytes: Buffer.from('edabeedb', 'hex') },
  { name: /\.t?gz$/i, what: 'a gzip file', bytes: Buffer.from('1f8b', 'hex') },
  { name: /\.t?xz$/i, what: 'an xz file', bytes: Buffer.from('fd377a585a00', 'hex') },
  { name: /\.t?bz2?$/i, what: 'a bzip2 file', bytes: Buffer.from('BZh') },
  { name: /\.zip$/i, what: 'a zip archive', bytes: Buffer.from('PK') },
  { name: /\.deb$/i, what: 'a Debian package', bytes: Buffer.from('!<arch>\n') },
];

export const HTML_INSTEAD = 'HTML page instead of an archive';

/** Whether a file of this name cannot be an HTML page or another text. */
export const isArchiveName = (file: string): boolean => ARCHIVE.test(file);

/** Whether the bytes of this name are compressed by themselves, so that a gzip content encoding is only a label. */
export const isGzipName = (file: string): boolean => /\.t?gz$/i.test(file);

/**
 * What is wrong with the first bytes of a file of this name, in words, or null. The magic number decides only for a file
 * without a known digest: with one, the digest says more.
 */
export function contentProblem(file: string, head: Buffer, digestKnown: boolean): string | null {
  if (!isArchiveName(file)) return null;
  const text = head.subarray(0, 256).toString('latin1').trimStart().toLowerCase();
  if (/^(?:\ufeff|ï»¿)?<(?:!doctype|html|\?xml[^>]*>\s*<(?:!doctype )?html)/.test(text)) return HTML_INSTEAD;
  if (digestKnown) return null;
  const magic = MAGIC.find(({ name }) => name.test(file));
  if (!magic || head.subarray(0, magic.bytes.length).equals(magic.bytes)) return null;
  const shown = head.subarray(0, 6).toString('hex');
  return `not ${magic.what} (${shown === '' ? 'empty' : `begins with ${shown}`})`;
}

/** The first bytes of a file. */
export async function headOf(path: string): Promise<Buffer> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(512), 0, 512, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
