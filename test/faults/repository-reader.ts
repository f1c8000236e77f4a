import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { parsePointer } from '../../pipeline/plan/pointer.ts';
import { readClearSigned } from '../../pipeline/tools/repository-clear-signed.ts';
import { isSignedBy, openPgpKeys } from '../../pipeline/tools/repository-openpgp.ts';
import { sha256 } from '../helpers/tiny-snapshot.ts';

/** Reads in a loop until it is stopped. */
export interface Reader {
  reads: number;
  readonly torn: string[];
  /** Resolves when nothing is being read any more that was there before the call, but not pointed at since. */
  passed(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts reading again and again; whatever `view` throws is a torn view. */
export function startReader(view: () => Promise<void>): Reader {
  let stopped = false;
  const loop = async (): Promise<void> => {
    while (!stopped) {
      try {
        await view();
      } catch (error) {
        reader.torn.push(String(error));
      }
      reader.reads += 1;
      await setImmediate();
    }
  };
  const reader: Reader = {
    reads: 0,
    torn: [],
    async passed() {
      const enough = reader.reads + 2;
      while (reader.reads < enough && !stopped) await setImmediate();
    },
    stop: () => ((stopped = true), running),
  };
  const running = loop();
  return reader;
}

/**
 * What yum does, and more: the index, its signature, all that it names, and every package; each with its digest. Throws when
 * something is not as something else says.
 */
export async function readRepository(dir: string, key: string): Promise<void> {
  const repomd = await readFile(join(dir, 'repodata/repomd.xml'));
  const signature = await readFile(join(dir, 'repodata/repomd.xml.asc'), 'utf8');
  if (!openPgpKeys(key).some((one) => isSignedBy(one, signature, repomd))) throw new Error('repomd.xml: not signed');
  const read = async (path: string, want: string): Promise<Buffer> => {
    const bytes = await readFile(join(dir, path));
    if (sha256(bytes) !== want) throw new Error(`${path}: other bytes`);
    return bytes;
  };
  for (const { want, path } of named(repomd.toString(), /<data .*?<\/data>/gs)) {
    const bytes = gunzipSync(await read(path, want)).toString();
    if (path.includes('primary'))
      for (const rpm of named(bytes, /<package .*?<\/package>/gs)) await read(rpm.path, rpm.want);
  }
}

/** Serials that were read of a tree's pointer: none may ever be lower than the one before. */
const seen = new Map<string, number>();

/** The signed pointer: whole, signed, never behind what was read before, at a snapshot that is there. */
async function readSignedPointer(base: string, key: string): Promise<void> {
  const file = readClearSigned(await readFile(join(base, 'pointer.asc'), 'utf8'));
  if (file === undefined) throw new Error('pointer.asc: not a clear-signed text');
  if (!openPgpKeys(key).some((one) => isSignedBy(one, file.signature, file.signed, 'text')))
    throw new Error('pointer.asc: not signed');
  const states = parsePointer(file.text);
  if (states === undefined) throw new Error(`pointer.asc: ${file.text}`);
  const before = seen.get(base) ?? 0;
  if (states.serial < before) throw new Error(`pointer.asc: serial ${states.serial} after ${before}`);
  seen.set(base, states.serial);
  await readdir(join(base, 'snapshots', states.snapshot));
}

/** The snapshot that the mirror list names: as yum reads it, and every file against the signed sums, and nothing missing. */
export async function readThroughPointer(base: string, key: string): Promise<void> {
  await readSignedPointer(base, key);
  const line = await readFile(join(base, 'mirrorlist'), 'utf8');
  const id = /\/snapshots\/([^/\n]+)\/\n$/.exec(line)?.[1];
  if (id === undefined) throw new Error(`mirrorlist: ${JSON.stringify(line)}`);
  const dir = join(base, 'snapshots', id);
  await readRepository(dir, key);
  const sums = await readFile(join(dir, 'SHA256SUMS'));
  const signature = await readFile(join(dir, 'SHA256SUMS.asc'), 'utf8');
  if (!openPgpKeys(key).some((one) => isSignedBy(one, signature, sums))) throw new Error('SHA256SUMS: not signed');
  if (!sha256(sums).startsWith(id.slice(-12))) throw new Error('SHA256SUMS: of another snapshot');
  for (const sum of sums.toString().trimEnd().split('\n')) {
    const [want = '', path = ''] = sum.split('  ');
    if (sha256(await readFile(join(dir, path))) !== want) throw new Error(`${path}: other bytes`);
  }
  // Published means proven: what is added last is there too.
  await readFile(join(dir, 'index.html'));
  if ((await readdir(join(dir, 'evidence'))).length === 0) throw new Error('no evidence');
}

function named(xml: string, element: RegExp): { want: string; path: string }[] {
  const found = [...xml.matchAll(element)].map(([text]) => ({
    want: /<checksum [^>]*>([0-9a-f]{64})</.exec(text)?.[1] ?? '',
    path: /<location href="([^"]+)"/.exec(text)?.[1] ?? '',
  }));
  if (found.length === 0) throw new Error('an index that names nothing');
  return found;
}
