import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { asSha256 } from '../plan/artifact.ts';
import { formatLock, type Lock } from '../recipe/lock.ts';
import { diffLocks } from '../recipe/lock-diff.ts';
import { formatBytes } from '../report/units.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import type { StepRecord } from '../run/record.ts';
import { VendorDir } from '../tools/vendor-dir.ts';
import type { VendorIndex } from '../tools/vendor-index.ts';
import { lockOf } from './lock-found.ts';
import { stepsFromOutside } from './lock-steps.ts';
import { exitCodeOfRun, runSteps, withLock } from './run.ts';
import { openSession, type Session } from './session.ts';
import { upstreamKeys } from './vendor-keys.ts';
import type { OwnOptions } from './program.ts';
import type { CommonOptions, World } from './world.ts';

type Records = ReadonlyMap<string, StepRecord>;
type Files = Omit<VendorIndex, 'schema' | 'recipe' | 'complete'>;

/**
 * `factory vendor DIR`: everything that a build of the recipe takes from outside (sources, images as tars, keys of upstream, a
 * lock of exactly these), for `--offline --frozen --mirror DIR` where there is no network. Fetches and makes what is not here.
 */
export async function vendor(
  world: World,
  options: CommonOptions,
  [name = '']: readonly string[],
  { withoutPushed = false }: OwnOptions,
): Promise<number> {
  if (name === '') throw new FactoryError({ kind: 'Usage', message: 'vendor needs the name of a directory' });
  const session = await openSession(world, options);
  const dir = resolve(world.cwd, name);
  const target = await VendorDir.open(dir, session.artifacts.root, session.recipe.name, world.signal);
  const outcome = await runSteps(session, { only: stepsFromOutside(session) });
  if (!outcome.ok) return exitCodeOfRun(outcome);
  const lock = await lockFor(session, outcome.records);
  const { files, written } = await withLock(session, () => fill(target, session, outcome.records, lock, withoutPushed));
  print(session, dir, lock, files, written);
  return EXIT.ok;
}

/** What is locked stays as it is; of images the lock has to name those that are in the directory. */
async function lockFor(session: Session, records: Records): Promise<Lock> {
  const found = await lockOf(session, records);
  const { sources, images } = session.lock;
  const told = Object.entries(sources).filter(
    ([name, entry]) => entry.sha256 === found.sources[name]?.sha256 && (entry.kind === 'http' || entry.upstreamVersion),
  );
  return {
    version: 2,
    sources: { ...sources, ...found.sources, ...Object.fromEntries(told) },
    images: { ...images, ...found.images },
  };
}

async function fill(
  target: VendorDir,
  session: Session,
  records: Records,
  lock: Lock,
  withoutPushed: boolean,
): Promise<{ readonly files: Files; readonly written: number }> {
  const { tools, recipe, plan } = session;
  let written = 0;
  const count = <E>(put: { readonly entry: E; readonly written: boolean }): E => {
    if (put.written) written += 1;
    return put.entry;
  };
  const bytes = async (path: string, content: Buffer) => {
    const digest = asSha256(createHash('sha256').update(content).digest('hex'));
    return count(await target.put(path, { digest, size: content.length }, () => Promise.resolve(content)));
  };

  const sources: Files['sources'] = {};
  for (const { name, kind } of recipe.sources) {
    const source = records.get(`fetch-${kind}:${name}`)?.outputs.find((output) => output.kind === 'source');
    if (source === undefined || kind === 'file' || kind === 'member') continue;
    const path = `sources/${name}/${source.name}`;
    sources[name] = count(await target.put(path, source, () => tools.store.open(source.digest)));
  }
  const keys: Files['keys'] = [];
  for (const key of await upstreamKeys(session, records)) {
    const digest = createHash('sha256').update(key).digest('hex');
    keys.push(await bytes(`keys/${digest.slice(0, 16)}.key`, key));
  }
  const images: Files['images'] = {};
  for (const { id } of plan.steps) {
    const image = records.get(id)?.outputs.find((output) => output.kind === 'image');
    const engineId = image?.engineId;
    if (image === undefined || engineId === undefined) continue;
    if (withoutPushed && isPushed(lock, image.name)) continue;
    session.world.stderr.write(`vendor: image ${image.name}\n`);
    const save = () => tools.containers.saveImage(engineId);
    images[image.name] = count(await target.putImage(`images/${image.name}.tar`, engineId, save));
  }
  const files: Files = { lock: await bytes('lock.json', Buffer.from(formatLock(lock))), sources, images, keys };
  await target.finish(files);
  return { files, written };
}

/** Whether who has the lock can get the image by its digest. */
function isPushed({ images }: Lock, name: string): boolean {
  const entry = images[name];
  return entry !== undefined && 'pushed' in entry && entry.pushed !== undefined;
}

function print(session: Session, dir: string, lock: Lock, files: Files, written: number): void {
  const { world, options, recipe, lockFile } = session;
  const all = [files.lock, ...Object.values(files.sources), ...Object.values(files.images), ...files.keys];
  const size = all.reduce((sum, one) => sum + (one?.size ?? 0), 0);
  const changes = diffLocks(session.lock, lock);
  if (options.json) {
    world.stdout.write(
      `${JSON.stringify({ dir, files: all.length, written, size, lockDiffers: changes.length > 0 })}\n`,
    );
    return;
  }
  const recipeOption = options.recipe === recipe.name ? recipe.name : options.recipe;
  const own = changes.length === 0 && options.lock === undefined ? '' : ` --lock ${join(dir, 'lock.json')}`;
  world.stdout.write(
    [
      `${dir}: ${all.length} files, ${formatBytes(size)}, ${written === 0 ? 'all there already' : `${written} written`}`,
      ...(changes.length === 0 ? [] : [`its lock.json is not ${lockFile}:`, ...changes.map((line) => `  ${line}`)]),
      `without a network: bin/factory build --recipe ${recipeOption} --offline --frozen --mirror ${dir}${own}`,
      '',
    ].join('\n'),
  );
}
