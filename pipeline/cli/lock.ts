import { join } from 'node:path';
import { diffLocks, type Lock, type LockedSource, writeLock } from '../recipe/lock.ts';
import type { StepRecord } from '../run/record.ts';
import { FactoryError } from '../run/failure.ts';
import { fetch } from './build.ts';
import { withoutFetched } from './refetch.ts';
import { exitCodeOfRun, runSteps } from './run.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory lock`: fetches every source as if nothing were locked, shows what was found, and writes the recipe's lock.json:
 * size, digest, version and what the trust rests on. Everything else only reads that file.
 */
export async function lock(world: World, options: CommonOptions): Promise<number> {
  const session = await openSession(world, { ...options, frozen: false }, { ignoreLock: true });
  const fetched = session.plan.steps
    .filter((step) => /^(fetch-http|fetch-apt|verify-srpm)$/.test(step.stage))
    .map(({ id }) => id);
  if (fetched.length === 0)
    throw new FactoryError({
      kind: 'Usage',
      message: `recipe ${session.recipe.name} has no source that a lock could name`,
    });
  const outcome = await runSteps(session, { only: fetched, ledger: withoutFetched(session.ledger) });
  if (!outcome.ok) return exitCodeOfRun(outcome);
  const found: Lock = { version: 1, sources: Object.fromEntries(lockedSources(session, outcome.records)) };
  const changes = diffLocks(session.lock, found);
  await writeLock(join(session.paths.recipeDir, 'lock.json'), found);
  world.stdout.write(
    options.json
      ? `${JSON.stringify(found)}\n`
      : `${[...changes, changes.length === 0 ? 'lock.json is as it was' : 'lock.json written'].join('\n')}\n`,
  );
  // With the lock the steps are others: fetched now, so that building afterwards needs no network.
  return fetch(world, options);
}

function lockedSources(session: Session, records: ReadonlyMap<string, StepRecord>): [string, LockedSource][] {
  return session.recipe.sources.flatMap((source): [string, LockedSource][] => {
    if (source.kind !== 'http' && source.kind !== 'apt') return [];
    const record = records.get(`fetch-${source.kind}:${source.name}`);
    const artifact = record?.outputs.find((output) => output.kind === 'source');
    if (record === undefined || artifact === undefined) throw new Error(`no record of source ${source.name}`);
    const base = { file: artifact.name, sha256: artifact.digest, size: artifact.size };
    if (source.kind === 'apt')
      return [
        [
          source.name,
          { kind: 'apt', ...base, trust: 'apt', package: source.package, version: String(record.facts.version) },
        ],
      ];
    const signed = source.mirrors.some(({ key }) => key !== null);
    const trust = source.sha256 !== null ? 'published-checksum' : signed ? 'signature' : 'first-use';
    return [[source.name, { kind: 'http', ...base, trust }]];
  });
}
