import { resolve } from 'node:path';
import { forecast } from '../plan/explain.ts';
import { targetSteps } from '../plan/targets.ts';
import { formatBytes } from '../report/units.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import type { StepRecord } from '../run/record.ts';
import { stages } from '../stages/index.ts';
import { writeExchange } from '../tools/exchange/export.ts';
import { underLock } from './locked.ts';
import type { OwnOptions } from './program.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/** What every machine takes from outside, or out of that, by itself: see docs/exchange.md. */
const SOURCES: ReadonlySet<string> = new Set(['source', 'image']);

/**
 * `factory export FILE`: what the targets of `--only` are made of, as one archive for `factory import`: their records and those of
 * all that they need, with the objects; less what those of `--without` are made of, which is there already. Prints the line that
 * sha256sum would. Runs nothing and needs no engine. Failures: Usage (something is not made yet).
 */
export async function exportSteps(
  world: World,
  options: CommonOptions,
  [name = '']: readonly string[],
  { without = [], withoutSources = false }: OwnOptions,
): Promise<number> {
  const session = await openSession(world, options);
  const file = resolve(world.cwd, name);
  const { artifacts, recipe, tools } = session;
  const exported = await underLock(session, async () => {
    const elsewhere = without.length === 0 ? [] : await madeRecords(session, without);
    const keys = new Set(elsewhere.map(({ key }) => key));
    const made = (await madeRecords(session, options.only)).filter(({ key }) => !keys.has(key));
    const records = withoutSources
      ? made.filter((record) => !record.outputs.some(({ kind }) => SOURCES.has(kind)))
      : made;
    return writeExchange(file, { recipe: recipe.name, records }, tools.store, world.signal);
  });
  const { digest, size, records, objects } = exported;
  if (options.json) {
    world.stdout.write(`${JSON.stringify({ file, sha256: digest, size, records, objects })}\n`);
    return EXIT.ok;
  }
  world.stdout.write(`${digest}  ${name}\n`);
  world.stderr.write(`export: ${records} records and ${objects} objects of ${artifacts.root}, ${formatBytes(size)}\n`);
  return EXIT.ok;
}

/** The records of the targets and of all that they need, in plan order. */
async function madeRecords(
  { plan, recipe, ledger, tools }: Session,
  names: readonly string[],
): Promise<readonly StepRecord[]> {
  const found: StepRecord[] = [];
  const steps = await forecast(plan, targetSteps(plan, recipe, names), {
    stages,
    async record(key) {
      const record = await ledger.get(key);
      if (record !== undefined) found.push(record);
      return record;
    },
    latest: (step) => ledger.latest(step),
    has: (digest, size) => tools.store.has(digest, size),
  });
  const missing = steps.filter(({ state }) => state !== 'cached');
  const [first] = missing;
  if (first === undefined) return found;
  const more = missing.length > 1 ? ` (and ${missing.length - 1} more)` : '';
  throw new FactoryError({
    kind: 'Usage',
    message: `${first.id} is not made yet${more}: ${first.reasons.join('; ')}`,
    advice: 'Build it first, with the same --recipe, --only and --lock: `bin/factory build`.',
  });
}
