import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Pointer, parsePointer } from '../plan/pointer.ts';
import { errorCode, writeDurably } from '../store/durable.ts';
import { keysAt, publishedKeys } from './published-keys.ts';
import { readClearSigned } from './repository-clear-signed.ts';
import { isSignedBy } from './repository-openpgp.ts';
import type { SignedPointer } from './tools.ts';

/**
 * The signed form of the pointer: what a host needs to notice a mirror that stands still, went back, or lies. Statement and
 * signature are one file, so that one rename replaces both: whoever reads it never sees one without the other.
 */
export const POINTER = 'pointer.asc';

/** The pointer file, verified with the keys that were published here; undefined when there is none that they signed. */
export async function readPointer(base: string): Promise<SignedPointer | undefined> {
  const text = await readText(join(base, POINTER));
  const verified = text === undefined ? undefined : await verifiedPointer(base, text);
  if (verified === undefined) return undefined;
  const all = await forms(base);
  const agrees = all.length === FORMS && all.every(({ names }) => names === verified.states.snapshot);
  return { ...verified, agrees };
}

/** A clear-signed pointer with what it states and who signed it; undefined unless a key that was published here did. */
export async function verifiedPointer(
  base: string,
  text: string,
): Promise<Pick<SignedPointer, 'states' | 'text' | 'signer'> | undefined> {
  const [message, states] = [readClearSigned(text), statementOf(text)];
  if (message === undefined || states === undefined) return undefined;
  for (const key of await keysAt(base, await publishedKeys(base))) {
    try {
      if (isSignedBy(key, message.signature, message.signed, 'text')) return { states, text, signer: key.fingerprint };
    } catch (error) {
      // Damaged armor can break at any depth: reading beyond its end is a RangeError, everything else a TypeError.
      if (error instanceof TypeError || error instanceof RangeError) return undefined;
      throw error;
    }
  }
  return undefined;
}

/**
 * Writes the pointer in its three forms. `current` is the one commit point: before its rename the old snapshot is published,
 * after it the new one. `mirrorlist` says the same in yum's words, and the signed statement in those of a host that checks it;
 * both are written afterwards, always, even if `current` is already right: dying in between leaves hosts with the old,
 * complete snapshot or with a mirror list that is ahead of its statement, and the next call brings them along.
 */
export async function writePointer(
  base: string,
  to: { readonly snapshot: string; readonly url: string; readonly signed: string },
): Promise<void> {
  await writeDurably(join(base, 'current'), `${to.snapshot}\n`);
  await writeDurably(join(base, 'mirrorlist'), `${to.url}/snapshots/${to.snapshot}/\n`);
  await writeDurably(join(base, POINTER), to.signed);
}

/** Every id that a form of the pointer names: after a crash in the middle of a move these are two. */
export async function pointedAt(base: string): Promise<ReadonlySet<string>> {
  return new Set((await forms(base)).map(({ names }) => names));
}

/**
 * What is wrong with the pointer, in words: a form of it names a snapshot that is not there, or another one than the others
 * (a move was interrupted, which the next publish or rollback ends); it is not signed, or expired. `ids` are the snapshots that
 * are there.
 */
export async function pointerProblems(base: string, ids: readonly string[], now: Date): Promise<string[]> {
  const [first, ...others] = await forms(base);
  if (first === undefined) return [];
  return [
    ...(first.file === 'current' ? [] : ['current: missing']),
    ...(ids.includes(first.names) ? [] : [`${first.file}: names ${first.names}, which is not there`]),
    ...others
      .filter(({ names }) => names !== first.names)
      .map(({ file, names }) => `${file}: names ${names}, but ${first.file} ${first.names}`),
    ...(await statementProblems(base, now)),
  ];
}

async function statementProblems(base: string, now: Date): Promise<string[]> {
  const text = await readText(join(base, POINTER));
  if (text === undefined) return [`${POINTER}: missing, so no host can check what the pointer says`];
  const verified = await verifiedPointer(base, text);
  if (verified === undefined) return [`${POINTER}: not a statement that a key published here signed`];
  const { expires } = verified.states;
  return Date.parse(expires) < now.getTime() ? [`${POINTER}: expired ${expires}; factory renew says it again`] : [];
}

const FORMS = 3;

/** The forms of the pointer that are there, `current` first. */
async function forms(base: string): Promise<readonly { readonly file: string; readonly names: string }[]> {
  const current = (await readText(join(base, 'current')))?.trim();
  const mirrorlist = await readText(join(base, 'mirrorlist'));
  const statement = await readText(join(base, POINTER));
  const named = [
    { file: 'current', names: current },
    { file: 'mirrorlist', names: mirrorlist === undefined ? undefined : mirrored(mirrorlist) },
    { file: POINTER, names: statement === undefined ? undefined : statementOf(statement)?.snapshot },
  ];
  return named.flatMap(({ file, names }) => (names === undefined ? [] : [{ file, names }]));
}

/** What it states, whoever signed it. */
function statementOf(file: string): Pointer | undefined {
  return parsePointer(readClearSigned(file)?.text ?? '');
}

function mirrored(line: string): string {
  return /\/snapshots\/([^/]+)\/\s*$/.exec(line)?.[1] ?? 'nothing';
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
