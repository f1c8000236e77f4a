import { bundleScript } from '../host/scripts.ts';
import type { FileRef } from '../plan/params.ts';
import type { Files } from '../tools/tools.ts';

/** A script for hosts as it is published: its parts, each re-hashed as it is read, put together. */
export async function hostScript(files: Files, parts: readonly FileRef[]): Promise<Buffer> {
  const texts = await Promise.all(parts.map(async (part) => (await files.read(part)).toString('utf8')));
  return Buffer.from(bundleScript(texts));
}
