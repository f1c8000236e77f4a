import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Sha256 } from '../plan/artifact.ts';
import type { VendoredDir, VendoredFile, VendoredImage } from '../plan/vendored.ts';
import { FactoryError } from '../run/failure.ts';

/** Name of the index in a directory that `factory vendor` made. */
export const INDEX = 'vendor.json';

/** A path that cannot lead out of the directory. */
const path = z.string().regex(/^(sources|images|keys)(\/(?!\.)[^/\\\s]+)+$|^lock\.json$/);
const file = { path, sha256: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().nonnegative() };
const indexSchema = z.strictObject({
  schema: z.literal(1),
  recipe: z.string(),
  /** false while files are put there or replaced. */
  complete: z.boolean(),
  lock: z.strictObject(file).nullable(),
  sources: z.record(z.string(), z.strictObject(file)),
  images: z.record(z.string(), z.strictObject({ ...file, id: z.string().regex(/^sha256:[0-9a-f]{64}$/) })),
  keys: z.array(z.strictObject(file)),
});

/** The index of a vendored directory, as it is written. */
export type VendorIndex = z.output<typeof indexSchema>;

/** Reads the index; undefined when there is none. Failures: VendorInvalid. */
export async function readVendorIndex(dir: string): Promise<VendorIndex | undefined> {
  let text: string;
  try {
    text = await readFile(join(dir, INDEX), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw invalid(dir, INDEX, message, error);
  }
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (error) {
    throw invalid(dir, INDEX, 'is not JSON', error);
  }
  const parsed = indexSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(dir, INDEX, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not an index'}`);
}

/** The index as a plan takes it. */
export function vendoredDir(dir: string, { sources, images, keys }: VendorIndex): VendoredDir {
  const at = <T extends { path: string; sha256: string; size: number }>(one: T) => ({
    ...one,
    dir,
    sha256: one.sha256 as Sha256,
  });
  const map = <T, U>(all: Readonly<Record<string, T>>, change: (one: T) => U): Record<string, U> =>
    Object.fromEntries(Object.entries(all).map(([name, one]) => [name, change(one)]));
  return {
    sources: map(sources, (one): VendoredFile => at(one)),
    images: map(images, (one): VendoredImage => at(one)),
    keys: keys.map(at),
  };
}

/** VendorInvalid. */
export function invalid(dir: string, at: string, detail: string, cause?: unknown): FactoryError {
  return new FactoryError({ kind: 'VendorInvalid', dir, path: at, detail }, { cause });
}
