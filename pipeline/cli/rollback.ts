import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { publishedKeys } from '../tools/published-keys.ts';
import { putKeyAndRepoFile } from '../stages/put-key.ts';
import { openPgpKeys } from '../tools/repository-openpgp.ts';
import { setPin } from '../tools/repository-pins.ts';
import type { Repository } from '../tools/tools.ts';
import { signerOf } from '../tools/verify-snapshot.ts';
import { errorCode } from '../store/durable.ts';
import { underLock } from './locked.ts';
import { movePointer } from './move-pointer.ts';
import { openSession, type Session } from './session.ts';
import { namedSnapshot } from './snapshots.ts';
import type { CommonOptions, World } from './world.ts';

const KEY = 'RPM-GPG-KEY-factory';

/**
 * `factory rollback <id>`: moves the pointer to a snapshot that is there, after reading it back from disk. The next `factory
 * publish` moves it to what the recipe says now. The new pointer is signed, which takes the engine and a key that hosts know.
 * Failures: Usage, SnapshotInvalid, LockHeld, and those of signing.
 */
export async function rollback(world: World, options: CommonOptions, args: readonly string[]): Promise<number> {
  const session = await openSession(world, options);
  const { name, publish } = session.recipe;
  const repository = session.tools.repository(name);
  const { id, createdAt } = await namedSnapshot(session, repository, args[0] ?? '');
  const from = (await repository.current()) ?? null;
  let key: Buffer = Buffer.alloc(0);
  const moved = await movePointer(session, {
    snapshot: id,
    always: false,
    async check() {
      key = await knownKey(session, repository, id);
    },
    // Only then are the snapshot's bytes, its key among them, known to be good.
    finish: () => putKeyAndRepoFile(repository, { recipe: name, baseUrl: publish.baseUrl }, key),
  });
  if (moved.states === undefined) return moved.exitCode;
  const { serial, expires } = moved.states;
  const report = { recipe: name, from, to: id, createdAt, moved: from !== id, serial, expires };
  const before = report.from === null ? 'Nothing was published before.' : `Before it was ${report.from}.`;
  const said = report.moved
    ? `${name}: current is ${id}, made ${createdAt.slice(0, 19)}Z, every file and signature verified. ${before}\nThe pointer is good until ${expires}. The next factory publish moves to what the recipe says now.`
    : `${name}: ${id} is current already; every file and signature verified`;
  world.stdout.write(`${options.json ? JSON.stringify(report) : said}\n`);
  return EXIT.ok;
}

/** `factory pin <id>`: that snapshot is never pruned. Failures: Usage, LockHeld. */
export const pin = (world: World, options: CommonOptions, args: readonly string[]): Promise<number> =>
  changePin(world, options, args[0] ?? '', true);

/** `factory unpin <id>`: it may be pruned again. Failures: Usage, LockHeld. */
export const unpin = (world: World, options: CommonOptions, args: readonly string[]): Promise<number> =>
  changePin(world, options, args[0] ?? '', false);

async function changePin(world: World, options: CommonOptions, name: string, pinned: boolean): Promise<number> {
  const session = await openSession(world, options);
  const repository = session.tools.repository(session.recipe.name);
  const changed = await underLock(session, async () => {
    const { id } = await namedSnapshot(session, repository, name);
    return setPin(repository.root, id, pinned);
  });
  const said = `${name} ${changed ? 'is' : 'was'} ${pinned ? 'pinned' : 'not pinned'} ${changed ? 'now' : 'already'}`;
  world.stdout.write(`${options.json ? JSON.stringify({ snapshot: name, pinned, changed }) : said}\n`);
  return EXIT.ok;
}

/**
 * The public key that a snapshot carries. It counts when hosts can have it already (it lies beside the snapshots, or in
 * keys/ since a rotation) or when this machine has its secret half: a snapshot that somebody put there with a key of their own is refused.
 */
async function knownKey(session: Session, repository: Repository, id: string): Promise<Buffer> {
  const dir = repository.snapshotDir(id);
  const [key, published] = [await keysIn(join(dir, KEY)), await keysIn(join(repository.root, KEY))];
  const named = await signerOf(dir);
  // Where no manifest names one, any key in the file may have signed.
  const signers = named === undefined ? key.fingerprints : [named];
  const before = [...published.fingerprints, ...(await publishedKeys(repository.root))];
  const foreign: string[] = [];
  for (const signer of signers)
    if (!before.includes(signer) && (await session.tools.keys.load(signer)) === undefined) foreign.push(signer);
  if (signers.length > 0 && foreign.length === 0) return key.bytes;
  const problem = `signed by ${foreign.join(', ') || 'nobody'}: neither a key that was published here nor one of this machine`;
  throw new FactoryError({ kind: 'SnapshotInvalid', snapshot: id, problems: [problem] });
}

async function keysIn(path: string): Promise<{ readonly bytes: Buffer; readonly fingerprints: readonly string[] }> {
  try {
    const bytes = await readFile(path);
    return { bytes, fingerprints: openPgpKeys(bytes.toString('utf8')).map(({ fingerprint }) => fingerprint) };
  } catch (error) {
    // A file that holds no key has no key that counts; moving to its snapshot tells what is wrong with it.
    if (errorCode(error) === 'ENOENT' || error instanceof TypeError || error instanceof RangeError)
      return { bytes: Buffer.alloc(0), fingerprints: [] };
    throw error;
  }
}
