import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { hashFile } from '../store/hash-file.ts';
import { errorCode } from '../store/durable.ts';
import { sha256Of } from './file-ref.ts';
import { envelopeProblem } from './repository-envelope.ts';
import { signatureProblem } from './repository-signature.ts';

const SUMS = 'SHA256SUMS';
const KEY = 'RPM-GPG-KEY-factory';
/** Files that hosts read before they know what else is in a snapshot: each has a signature of its own. */
const SIGNED = /^(repodata\/repomd\.xml|install\/[^/]+\.(json|sh))$/;

const STATEMENT = 'provenance.json';
const ENVELOPE = 'provenance.intoto.jsonl';

/** What a snapshot may hold beside the files of SHA256SUMS and signatures: the sums, evidence, its page, an envelope. */
const UNSUMMED = /^(SHA256SUMS|evidence\/.*|index\.html|provenance\.intoto\.jsonl)$/;

/**
 * Reads a snapshot back from disk: the sums are those of its id, every file that they name is there with the right bytes,
 * nothing else is there, and every detached signature was made by the key that its manifest names. Returns the problems in
 * words; empty when all is well.
 */
export async function verifySnapshot(dir: string): Promise<string[]> {
  const text = await readIfThere(join(dir, SUMS));
  if (text === undefined) return [`${SUMS}: missing`];
  const { sums, problems } = parseSums(text.toString('utf8'));
  const content = /-([0-9a-f]{12})$/.exec(basename(dir))?.[1];
  if (content !== undefined && !sha256Of(text).startsWith(content)) problems.push(`${SUMS}: not that of this snapshot`);
  const found = await filesBelow(dir);
  const signatures = found.filter((path) => path.endsWith('.asc') && !sums.has(path));
  for (const path of found) {
    const want = sums.get(path);
    if (want === undefined) {
      if (!UNSUMMED.test(path) && !signatures.includes(path)) problems.push(`${path}: not in ${SUMS}`);
    } else if ((await hashFile(join(dir, path))).digest !== want)
      problems.push(`${path}: bytes are not those of ${SUMS}`);
  }
  for (const path of sums.keys()) if (!found.includes(path)) problems.push(`${path}: missing`);
  const signed = [SUMS, ...[...sums.keys()].filter((path) => SIGNED.test(path))].map((path) => `${path}.asc`);
  problems.push(...signed.filter((path) => !signatures.includes(path)).map((path) => `${path}: missing`));
  return [...problems, ...(await signatureProblems(dir, signatures)), ...(await envelopeProblems(dir))];
}

/** The envelope is no detached signature: it holds the statement once more, and its signature is over both type and text. */
async function envelopeProblems(dir: string): Promise<string[]> {
  const [line, statement, key] = await Promise.all(
    [ENVELOPE, STATEMENT, KEY].map((path) => readIfThere(join(dir, path))),
  );
  if (line === undefined) return statement === undefined ? [] : [`${ENVELOPE}: missing`];
  if (statement === undefined) return [`${ENVELOPE}: an envelope of nothing`];
  if (key === undefined) return [];
  const problem = envelopeProblem(line, statement, key.toString('utf8'), await signerOf(dir));
  return problem === undefined ? [] : [`${ENVELOPE}: ${problem}`];
}

async function signatureProblems(dir: string, signatures: readonly string[]): Promise<string[]> {
  const key = await readIfThere(join(dir, KEY));
  if (key === undefined) return [`${KEY}: missing`];
  const signedBy = await signerOf(dir);
  const problems: string[] = [];
  for (const path of signatures) {
    const bytes = await readIfThere(join(dir, path.replace(/\.asc$/, '')));
    const problem =
      bytes === undefined
        ? 'a signature of nothing'
        : signatureProblem(await readFile(join(dir, path), 'utf8'), bytes, key.toString('utf8'), signedBy);
    if (problem !== undefined) problems.push(`${path}: ${problem}`);
  }
  return problems;
}

/** The fingerprint in a snapshot's manifest; undefined where it names none. Damage is a matter of the sums. */
export async function signerOf(dir: string): Promise<string | undefined> {
  const bytes = await readIfThere(join(dir, 'manifest.json'));
  return /"signedBy": "([0-9A-F]{40})"/i.exec(bytes?.toString('utf8') ?? '')?.[1];
}

function parseSums(text: string): { sums: Map<string, string>; problems: string[] } {
  const sums = new Map<string, string>();
  const problems: string[] = [];
  for (const line of text.split('\n')) {
    const [, digest, path] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (digest !== undefined && path !== undefined) sums.set(path, digest);
    else if (line !== '') problems.push(`${SUMS}: not a line of it: ${JSON.stringify(line)}`);
  }
  return { sums, problems };
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function filesBelow(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)))
    .sort();
}
