import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FactoryError } from '../../run/failure.ts';

const StateSchema = z.object({
  schema: z.literal(1),
  url: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
});

/** What is known about the bytes in a part file: where they began (without credentials) and what they are of. */
export type PartState = z.infer<typeof StateSchema>;

/** A download in the making: a file that outlives tries, mirrors and runs, and what is known about it. */
export interface Part {
  readonly path: string;
  /** Bytes so far. */
  readonly size: number;
  readonly state: PartState | null;
  /** Whether some of the bytes were there when it was opened. */
  readonly inherited: boolean;
  /** Drops all bytes and notes what the next ones are of. */
  restart(state: PartState): Promise<void>;
  /** Appends. Throws DiskFull. */
  write(chunk: Uint8Array): Promise<void>;
  /** Drops all bytes. */
  reset(): Promise<void>;
  /** To the disk and closed, ready to be adopted. */
  finish(): Promise<void>;
  /** Keeps the bytes for the next time; leaves nothing behind when there are none. */
  close(): Promise<void>;
}

/** File name for a request: one for all mirrors when the digest is known, else one per mirror. */
export function partName(identity: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 40);
}

/** Opens a part file with whatever an earlier run left in it. */
export async function openPart(dir: string, name: string): Promise<Part> {
  const path = join(dir, `${name}.part`);
  const statePath = join(dir, `${name}.json`);
  const full = diskFull(path);
  await mkdir(dir, { recursive: true }).catch(full);
  const handle: FileHandle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o644).catch(full);
  let { size } = await handle.stat();
  let state = await readState(statePath);
  let inherited = size > 0;
  const reset = async (): Promise<void> => {
    if (size > 0) await handle.truncate(0);
    size = 0;
    inherited = false;
    state = null;
  };
  return {
    path,
    get size() {
      return size;
    },
    get state() {
      return state;
    },
    get inherited() {
      return inherited;
    },
    reset,
    async restart(next) {
      await reset();
      await writeFile(`${statePath}.tmp`, `${JSON.stringify(next)}\n`).catch(full);
      await rename(`${statePath}.tmp`, statePath);
      state = next;
    },
    async write(chunk) {
      for (let at = 0; at < chunk.length;) {
        const { bytesWritten } = await handle.write(chunk, at, chunk.length - at, size).catch(full);
        at += bytesWritten;
        size += bytesWritten;
      }
    },
    async finish() {
      await handle.sync().catch(full);
      await handle.close();
      await rm(statePath, { force: true });
    },
    async close() {
      await handle.close();
      if (size === 0) await discardPart(dir, name);
    },
  };
}

/** Removes what a request left behind, if anything. */
export async function discardPart(dir: string, name: string): Promise<void> {
  await rm(join(dir, `${name}.part`), { force: true });
  await rm(join(dir, `${name}.json`), { force: true });
}

/** A missing or torn state means that nothing is known about the bytes, which is always safe. */
async function readState(path: string): Promise<PartState | null> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'null';
    throw error;
  });
  try {
    return StateSchema.nullable().parse(JSON.parse(text));
  } catch {
    return null;
  }
}

const diskFull =
  (path: string) =>
  (error: unknown): never => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    throw new FactoryError({ kind: 'DiskFull', path, detail: message }, { cause: error });
  };
