import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SlsaProvenance, Statement } from '../provenance/in-toto.ts';
import { hasSameKeys, sideBySide, type ToldPackage, toldPackages } from '../provenance/rebuilt.ts';
import { isDifferent, isExcused, type RebuiltPackage, rebuiltText } from '../report/rebuilt.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { verifySnapshot } from '../tools/verify-snapshot.ts';
import { createComparison, type Comparison, type Pair } from './compare-rpms.ts';
import type { OwnOptions } from './program.ts';
import { fromCheckout, fromProvenance, type Rebuild } from './rebuild-from.ts';
import { exitCodeOfRun } from './run.ts';
import { openSession, type Session } from './session.ts';
import { namedSnapshot } from './snapshots.ts';
import type { CommonOptions, World } from './world.ts';

/** What is compared with what. */
export interface RebuildOptions {
  /** One package; true: all of the snapshot. */
  readonly wanted: string | true;
  /** Id; undefined: the current one. */
  readonly snapshot: string | undefined;
  /** What decides what is built. */
  readonly from: NonNullable<OwnOptions['from']>;
}

/**
 * `factory verify --rebuild [package]`: builds packages of a snapshot again, without ccache, and compares what comes out with
 * the digests that its provenance tells, unsigned. Its provenance alone says what is built (or, with `from: checkout`, the
 * recipe that is there now). Nothing of it is kept in the ledger. Failures: Usage, SnapshotInvalid, ToldMissing, those of a build.
 */
export async function verifyRebuild(world: World, options: CommonOptions, own: RebuildOptions): Promise<number> {
  const session = await openSession(world, options);
  const { id, statement } = await publishedProvenance(session, own.snapshot);
  const told = toldPackages(statement);
  const names = packagesToBuild(told, own.wanted);
  const rebuild: Rebuild =
    own.from === 'checkout' ? fromCheckout(session, names) : fromProvenance(session, id, statement);
  const compare = createComparison(session, id);
  const packages: RebuiltPackage[] = [];
  let code: number = EXIT.ok;
  for (const name of names) {
    const outcome = await rebuild(name);
    if (outcome.ok) packages.push(await rebuiltPackage(name, statement, told, outcome, compare));
    else code = code === EXIT.ok ? exitCodeOfRun(outcome) : code;
    if (!outcome.ok && !options.keepGoing) break;
  }
  const json = { snapshot: id, from: own.from, packages };
  if (packages.length > 0)
    world.stdout.write(options.json ? `${JSON.stringify(json)}\n` : rebuiltText(id, own.from, packages));
  if (code !== EXIT.ok) return code;
  const bad = packages.some((one) => one.files.some((file) => isDifferent(file) && !isExcused(one, file)));
  return bad ? EXIT.verification : EXIT.ok;
}

/** The provenance of a snapshot, after all of it was read back and its signatures checked. */
async function publishedProvenance(
  session: Session,
  wanted: string | undefined,
): Promise<{ id: string; statement: Statement<SlsaProvenance> }> {
  const repository = session.tools.repository(session.recipe.name);
  const id = wanted === undefined ? await repository.current() : (await namedSnapshot(session, repository, wanted)).id;
  if (id === undefined)
    throw new FactoryError({ kind: 'Usage', message: `nothing of recipe ${session.recipe.name} is published yet` });
  const dir = repository.snapshotDir(id);
  const problems = await verifySnapshot(dir);
  if (problems.length > 0) throw new FactoryError({ kind: 'SnapshotInvalid', snapshot: id, problems });
  const bytes = await readFile(join(dir, 'provenance.json'), 'utf8');
  return { id, statement: JSON.parse(bytes) as Statement<SlsaProvenance> };
}

function packagesToBuild(told: readonly ToldPackage[], wanted: string | true): readonly string[] {
  const names = [...new Set(told.map((one) => one.package))];
  if (wanted === true) return names;
  if (names.includes(wanted)) return [wanted];
  const advice = `It has ${names.join(', ')}.`;
  throw new FactoryError({ kind: 'Usage', message: `no package ${wanted} in the snapshot`, advice });
}

async function rebuiltPackage(
  name: string,
  statement: Statement<SlsaProvenance>,
  told: readonly ToldPackage[],
  outcome: RunOutcome,
  compare: Comparison,
): Promise<RebuiltPackage> {
  const built = ['assemble-srpm', 'rebuild-srpm'].flatMap((stage) => outcome.records.get(`${stage}:${name}`) ?? []);
  const own = told.filter((one) => one.package === name);
  const files = sideBySide(own, built);
  const outputs = built.flatMap((record) => record.outputs);
  const pairs = files.filter(isDifferent).flatMap(({ path, rebuilt }): Pair[] => {
    const before = own.find((one) => one.path === path);
    const now = outputs.find(({ digest }) => digest === rebuilt);
    return before === undefined || now === undefined ? [] : [{ told: before, rebuilt: now }];
  });
  const differences = pairs.length === 0 ? [] : await compare(pairs);
  return { name, sameInputs: hasSameKeys(statement, built), files, differences };
}
