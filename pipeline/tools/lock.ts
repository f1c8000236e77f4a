import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FactoryError } from '../run/failure.ts';
import { errorCode, makeDir, namedDiskFull, temporaryName } from '../store/durable.ts';
import { isDead, parseOwner, thisOwner, type LockOwner } from './lock-owner.ts';

/** A lock that this process holds. */
export interface Lock {
  /** The holder before died: what it left lying around should be swept. */
  readonly tookOver: boolean;
  /** Gives the lock back; a second call does nothing. */
  release(): Promise<void>;
}

/**
 * Takes the lock file at `path` (JSON, see LockOwner) or throws LockHeld at once. A lock whose holder is dead is taken over.
 *
 * The file appears by a hard link of a finished file: an exclusive create that nobody ever sees empty.
 */
export async function acquireLock(
  path: string,
  options: { readonly command: string; readonly now: Date },
): Promise<Lock> {
  await makeDir(dirname(path));
  const owner = thisOwner(options.command, options.now);
  const ticket = join(dirname(path), temporaryName(path));
  try {
    await writeNew(ticket, `${JSON.stringify(owner)}\n`);
    for (;;) {
      if (await linked(ticket, path)) return heldLock(path, owner, false);
      const holder = await readOwner(path);
      if (holder === undefined) continue;
      if (!isDead(holder)) throw heldBy(path, holder);
      if (await takeOver(path, holder, ticket)) return heldLock(path, owner, true);
    }
  } finally {
    await rm(ticket, { force: true });
  }
}

/**
 * Replaces the lock of a dead holder. Among several who see it dead, only the one may who makes the file `<path>.<its id>`;
 * should that one die too before it is done, whoever makes `<path>.<the second's id>`, and so on. Ids never come again,
 * so a late comer who makes such a file after it was cleaned up finds another holder in the lock, and backs off.
 * Returns false when the lock moved on; throws LockHeld when somebody alive is taking it over.
 */
async function takeOver(path: string, dead: LockOwner, ticket: string): Promise<boolean> {
  const claims: string[] = [];
  let last = dead;
  for (;;) {
    const claim = `${path}.${last.id}`;
    claims.push(claim);
    if (await linked(ticket, claim)) break;
    const rival = await readOwner(claim);
    if (rival === undefined) return false;
    if (!isDead(rival)) throw heldBy(path, rival);
    last = rival;
  }
  let replaced = false;
  try {
    if ((await readOwner(path))?.id !== dead.id) return false;
    // A copy of the ticket, because rename does nothing for two links of one file.
    await rename(await copyOf(ticket, path), path);
    replaced = true;
    return true;
  } finally {
    // The claims of others only when the lock says that their time is over.
    for (const claim of replaced ? claims : claims.slice(-1)) await rm(claim, { force: true });
  }
}

function heldLock(path: string, owner: LockOwner, tookOver: boolean): Lock {
  return {
    tookOver,
    async release() {
      if ((await readOwner(path))?.id === owner.id) await rm(path, { force: true });
    },
  };
}

/** undefined: nobody (any more). A file that is not ours belongs to somebody, so it counts as held. */
async function readOwner(path: string): Promise<LockOwner | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  const owner = parseOwner(text);
  if (owner !== undefined) return owner;
  throw heldBy(path, { pid: 0, host: '', since: '', command: 'unknown: not a lock file of the factory' });
}

function heldBy(path: string, { pid, host, since, command }: Omit<LockOwner, 'id' | 'startTicks'>): FactoryError {
  return new FactoryError({ kind: 'LockHeld', path, pid, host, since, command });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function copyOf(ticket: string, path: string): Promise<string> {
  const copy = join(dirname(path), temporaryName(path));
  await writeNew(copy, await readFile(ticket, 'utf8'));
  return copy;
}

async function writeNew(path: string, text: string): Promise<void> {
  try {
    const handle = await open(path, 'wx', 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw namedDiskFull(error, path);
  }
}
