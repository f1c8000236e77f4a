import type { Header } from 'tar-stream';
import { parentsOf } from './tar-pack.ts';

/** Limits on an archive from a container. */
export interface ArchiveLimits {
  /** Bytes of all files together. */
  readonly bytes: number;
  readonly members: number;
  readonly pathBytes: number;
}

export const OUTPUT_LIMITS: ArchiveLimits = { bytes: 16 * 1024 ** 3, members: 100_000, pathBytes: 4096 };

/** The path of a file, null for a directory, or why the member is refused. */
export type Verdict = { readonly path: string | null } | { readonly member: string; readonly reason: string };

/** Judges the members of an untrusted archive in their order; paths of files are relative to `root`. */
export function memberCheck(root: string, limits: ArchiveLimits): (header: Header) => Verdict {
  const seen = new Set<string>();
  const files = new Set<string>();
  const folders = new Set<string>();
  let bytes = 0;
  return (header) => {
    const member = header.name;
    const name = member.replace(/\/+$/, '');
    const refused = pathReason(name, root, limits) ?? typeReason(header);
    if (refused !== undefined) return { member, reason: refused };
    if (seen.has(name)) return { member, reason: 'the same path twice' };
    const above = parentsOf([name]);
    if (above.some((folder) => files.has(folder))) return { member, reason: 'member below a file' };
    above.forEach((folder) => folders.add(folder));
    if (header.type !== 'directory') {
      if (folders.has(name)) return { member, reason: 'file over a directory' };
      files.add(name);
    }
    seen.add(name);
    if (seen.size > limits.members) return { member, reason: `more than ${limits.members} members` };
    bytes += header.size;
    if (bytes > limits.bytes) return { member, reason: `more than ${limits.bytes} bytes` };
    return { path: header.type === 'directory' ? null : name.slice(root.length + 1) };
  };
}

function pathReason(name: string, root: string, limits: ArchiveLimits): string | undefined {
  if (Buffer.byteLength(name) > limits.pathBytes) return `path over ${limits.pathBytes} bytes`;
  // tar-stream decodes names as UTF-8 and leaves U+FFFD where they are not.
  if (name.includes('\ufffd')) return 'path is not UTF-8';
  if (/\p{Cc}/u.test(name)) return 'control character in the path';
  if (name.startsWith('/')) return 'absolute path';
  const parts = name.split('/');
  if (parts.includes('..')) return 'path with ..';
  if (parts.includes('') || parts.includes('.')) return 'path with empty or . parts';
  if (parts[0] !== root) return `outside of ${root}`;
  return undefined;
}

function typeReason(header: Header): string | undefined {
  if (Object.keys(header.pax ?? {}).some((key) => key.startsWith('GNU.sparse'))) return 'sparse file';
  switch (header.type) {
    case 'file':
    case 'directory':
      return undefined;
    case 'symlink':
      return 'symbolic link';
    case 'link':
      return 'hard link';
    case 'fifo':
      return 'fifo';
    case 'character-device':
    case 'block-device':
      return 'device';
    case 'contiguous-file':
    default:
      return `member of type ${header.type}`;
  }
}
