import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan, Step } from '../plan/step.ts';
import type { SlsaProvenance, Statement } from '../provenance/in-toto.ts';
import { hasSameKeys, sideBySide, type ToldPackage, toldPackages } from '../provenance/rebuilt.ts';
import { isDifferent, rebuiltText, type RebuiltPackage } from '../report/rebuilt.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { verifySnapshot } from '../tools/verify-snapshot.ts';
import { compareRpms, type Pair } from './compare-rpms.ts';
import { withoutBuilt } from './refetch.ts';
import { exitCodeOfRun, runSteps, withLock } from './run.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory verify --rebuild [package]`: builds packages of the current snapshot again, from nothing but their sources and
 * without ccache, and compares what comes out with the digests that its provenance tells, unsigned. Nothing of it is kept in
 * the ledger. Failures: Usage, SnapshotInvalid, those of a build.
 */
export async function verifyRebuild(world: World, options: CommonOptions, wanted: string | true): Promise<number> {
  const session = await openSession(world, options);
  const { id, statement } = await currentProvenance(session);
  const told = toldPackages(statement);
  const names = packagesToBuild(told, wanted);
  const image = publisherOf(session.plan);
  const only = [image, ...names.map((name) => `rebuild-srpm:${name}`)];
  const ledger = withoutBuilt(session.ledger, new Set(names));
  const outcome = await runSteps({ ...session, plan: withoutCcache(session.plan) }, { only, ledger });
  if (!outcome.ok) return exitCodeOfRun(outcome);

  const compare = (pairs: readonly Pair[]) =>
    withLock(session, () => {
      const artifact = outcome.records.get(image)?.outputs.find(({ kind }) => kind === 'image');
      if (artifact === undefined) throw new Error(`${image} made no image`);
      return compareRpms(session.tools, artifact, { recipe: session.recipe.name, id }, pairs, world.signal);
    });
  const packages: RebuiltPackage[] = [];
  for (const name of names) packages.push(await rebuiltPackage(name, statement, told, outcome, compare));
  world.stdout.write(options.json ? `${JSON.stringify({ snapshot: id, packages })}\n` : rebuiltText(id, packages));
  return packages.some(({ files }) => files.some(isDifferent)) ? EXIT.verification : EXIT.ok;
}

/** The provenance of what is published, after the whole snapshot was read back and its signatures checked. */
async function currentProvenance(session: Session): Promise<{ id: string; statement: Statement<SlsaProvenance> }> {
  const repository = session.tools.repository(session.recipe.name);
  const id = await repository.current();
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
  throw new FactoryError({ kind: 'Usage', message: `no package ${wanted} in the current snapshot`, advice });
}

/** The step that makes the image in which snapshots are made: its rpm reads packages of every age. */
function publisherOf(plan: Plan): string {
  const [image] = plan.steps.flatMap((step) => (step.stage === 'snapshot' ? [step.inputs.builder.step] : []));
  if (image === undefined) throw new Error('no snapshot in the plan');
  return image;
}

/** What a cache knows came from the build that is being checked. */
function withoutCcache(plan: Plan): Plan {
  const steps = plan.steps.map((step): Step =>
    step.stage === 'rebuild-srpm' ? { ...step, hints: { ...step.hints, ccache: null } } : step,
  );
  return { ...plan, steps };
}

async function rebuiltPackage(
  name: string,
  statement: Statement<SlsaProvenance>,
  told: readonly ToldPackage[],
  outcome: RunOutcome,
  compare: (pairs: readonly Pair[]) => Promise<RebuiltPackage['differences']>,
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
