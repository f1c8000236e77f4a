import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';

/** A member as a test wants it. */
export interface RawMember {
  readonly name: string;
  readonly bytes: Buffer;
  readonly type?: 'file' | 'symlink' | 'link' | 'directory';
  readonly linkname?: string;
}

/** The members of an archive. */
export async function membersIn(file: string): Promise<RawMember[]> {
  const { extract: createExtract } = await import('tar-stream');
  const extract = createExtract();
  extract.end(await readFile(file));
  const members: RawMember[] = [];
  for await (const entry of extract) members.push({ name: entry.header.name, bytes: await buffer(entry) });
  return members;
}

/** An archive of these members, in this order and whatever they are. */
export async function packed(members: readonly RawMember[]): Promise<Buffer> {
  const { pack: createPack } = await import('tar-stream');
  const pack = createPack();
  for (const { name, bytes, type = 'file', linkname } of members) {
    const header = { name, type, mode: 0o644, mtime: new Date(0), ...(linkname === undefined ? {} : { linkname }) };
    pack.entry(header, type === 'file' ? bytes : Buffer.alloc(0));
  }
  pack.finalize();
  return buffer(pack);
}
