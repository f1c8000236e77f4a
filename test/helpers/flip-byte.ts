import { chmod, readFile, rm, writeFile } from 'node:fs/promises';

/** Damages a file in the middle, or takes it away. */
export async function flipByte(path: string, how: 'flip' | 'remove' = 'flip'): Promise<void> {
  if (how === 'remove') return rm(path, { force: true });
  const bytes = await readFile(path);
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 0x01;
  await chmod(path, 0o644);
  await writeFile(path, bytes);
}
