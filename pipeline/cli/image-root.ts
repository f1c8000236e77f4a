import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../store/durable.ts';
import { sha256Of } from '../tools/file-ref.ts';
import { currentKey, publishedKeys } from '../tools/published-keys.ts';
import { signatureProblem } from '../tools/repository-signature.ts';
import { invalid } from '../tools/snapshot-files.ts';
import type { SignedPointer } from '../tools/tools.ts';
import type { ImageFile } from './image-tree.ts';

const KEY = 'RPM-GPG-KEY-factory';

/**
 * What lies beside the snapshots and goes into an image: the pointer, the keys, and scripts for hosts with their signatures,
 * which the signer of the pointer or another published key must have made. mirrorlist and .repo file are made per request.
 * Failures: SnapshotInvalid, for `id`.
 */
export async function rootFiles(base: string, pointer: SignedPointer, id: string): Promise<readonly ImageFile[]> {
  const [key, known] = [await currentKey(base), await publishedKeys(base)];
  const keys = known.map((fingerprint) => `keys/${fingerprint}.asc`);
  const scripts = (await readdir(base)).filter((name) => name.endsWith('.sh')).sort();
  const mtime = new Date(pointer.states.issuedAt);
  const file = (path: string, bytes: Buffer): ImageFile => ({
    path,
    mode: 0o644,
    mtime,
    bytes,
    digest: sha256Of(bytes),
  });
  const files = [file('pointer.asc', Buffer.from(pointer.text, 'latin1'))];
  for (const path of ['current', KEY, ...keys]) files.push(file(path, await readFile(join(base, path))));
  const bytesOf = (path: string): Buffer | undefined => {
    const bytes = files.find((one) => one.path === path)?.bytes;
    return Buffer.isBuffer(bytes) ? bytes : undefined;
  };
  const problems: string[] = [];
  const isKept = key !== undefined && bytesOf(KEY)?.equals(bytesOf(`keys/${key}.asc`) ?? Buffer.alloc(0)) === true;
  if (!isKept) problems.push(`${KEY}: not a key that was published here`);

  const armored = keys.map((path) => bytesOf(path)?.toString('latin1') ?? '');
  for (const name of scripts) {
    const [script, signature] = [await readFile(join(base, name)), await readIfThere(join(base, `${name}.asc`))];
    const found = armored.map((one) => signatureProblem(signature?.toString('utf8') ?? '', script, one, undefined));
    if (signature === undefined) problems.push(`${name}.asc: missing`);
    else if (!found.includes(undefined)) problems.push(`${name}.asc: ${found.join('; ')}`);
    else files.push(file(name, script), file(`${name}.asc`, signature));
  }
  if (problems.length > 0) throw invalid(id, problems);
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
