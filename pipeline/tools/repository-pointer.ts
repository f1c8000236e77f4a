import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, writeDurably } from '../store/durable.ts';

/**
 * `pointer.json` beside `current`: the pointer with what a host needs to notice a mirror that stands still or went back. It is
 * not signed, because a move back needs no key: it finds stale copies, not liars.
 */
export interface Pointer {
  readonly schema: 1;
  readonly recipe: string;
  readonly snapshot: string;
  /**
   * Grows with every move, moves back too. It begins at the seconds since 1970 and is never behind them, so that it also grows
   * when the file was lost.
   */
  readonly serial: number;
  /** When the pointer moved there, ISO 8601, UTC. */
  readonly publishedAt: string;
}

/** The pointer file; undefined when there is none that can be read, which the next move puts right. */
export async function readPointer(base: string): Promise<Pointer | undefined> {
  const text = await readText(join(base, 'pointer.json'));
  if (text === undefined) return undefined;
  try {
    const { schema, recipe, snapshot, serial, publishedAt } = Object(JSON.parse(text)) as Partial<Pointer>;
    if (schema !== 1 || typeof recipe !== 'string' || typeof snapshot !== 'string') return undefined;
    if (!Number.isSafeInteger(serial) || typeof publishedAt !== 'string') return undefined;
    return { schema, recipe, snapshot, serial: Number(serial), publishedAt };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Writes the pointer in its three forms. `current` is the one commit point: before its rename the old snapshot is published,
 * after it the new one. `mirrorlist` says the same in yum's words and is written afterwards, always, even if `current` is
 * already right: dying in between leaves yum with the old, complete snapshot, and the next call brings it along. `pointer.json`
 * only changes when it names another snapshot, so that saying the same again is no new serial.
 */
export async function writePointer(
  base: string,
  to: { readonly recipe: string; readonly snapshot: string; readonly url: string },
  now: Date,
): Promise<void> {
  const { recipe, snapshot, url } = to;
  await writeDurably(join(base, 'current'), `${snapshot}\n`);
  await writeDurably(join(base, 'mirrorlist'), `${url}/snapshots/${snapshot}/\n`);
  const before = await readPointer(base);
  if (before?.snapshot === snapshot) return;
  const serial = Math.max((before?.serial ?? 0) + 1, Math.floor(now.getTime() / 1000));
  const pointer: Pointer = { schema: 1, recipe, snapshot, serial, publishedAt: now.toISOString() };
  await writeDurably(join(base, 'pointer.json'), `${JSON.stringify(pointer, null, 1)}\n`);
}

/** Every id that a form of the pointer names: after a crash in the middle of a move these are two. */
export async function pointedAt(base: string): Promise<ReadonlySet<string>> {
  return new Set((await forms(base)).map(({ names }) => names));
}

/**
 * What is wrong with the pointer, in words: a form of it names a snapshot that is not there, or another one than the others
 * (a move was interrupted, which the next publish or rollback ends). `ids` are the snapshots that are there.
 */
export async function pointerProblems(base: string, ids: readonly string[]): Promise<string[]> {
  const [first, ...others] = await forms(base);
  if (first === undefined) return [];
  return [
    ...(first.file === 'current' ? [] : ['current: missing']),
    ...(ids.includes(first.names) ? [] : [`${first.file}: names ${first.names}, which is not there`]),
    ...others
      .filter(({ names }) => names !== first.names)
      .map(({ file, names }) => `${file}: names ${names}, but ${first.file} ${first.names}`),
  ];
}

/** The forms of the pointer that are there, `current` first. */
async function forms(base: string): Promise<readonly { readonly file: string; readonly names: string }[]> {
  const current = (await readText(join(base, 'current')))?.trim();
  const mirrorlist = await readText(join(base, 'mirrorlist'));
  const named = [
    { file: 'current', names: current },
    { file: 'mirrorlist', names: mirrorlist === undefined ? undefined : mirrored(mirrorlist) },
    { file: 'pointer.json', names: (await readPointer(base))?.snapshot },
  ];
  return named.flatMap(({ file, names }) => (names === undefined ? [] : [{ file, names }]));
}

function mirrored(line: string): string {
  return /\/snapshots\/([^/]+)\/\s*$/.exec(line)?.[1] ?? 'nothing';
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
