/* eslint-disable no-console -- a benchmark's output is its report */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { StepRecord } from '../../pipeline/run/record.ts';
import { layoutOf, objectPath } from '../../pipeline/store/layout.ts';
import { FACTORY, factory, mean, recordOf, show, timed } from './measure.ts';

/**
 * Ratios against a bare alternative in the same run, on recipe lts:
 *  1. cold kernel build, and the second kernel after it (shared ccache)
 *  2. both kernels and the tools again from empty caches with another job count: the same bytes?
 *  3. warm kernel build through the factory against the same rpmbuild typed by hand, in turns
 *  4. a run with nothing to do against starting Node
 * Takes about 25 minutes on 2 cores. `npm run bench -- 1 4` runs only those parts. Part 2 needs 1; part 3 without it takes what
 * `npm run demo` left, with its warm compiler cache, and is done in 7 minutes.
 */
const ROOT = resolve(import.meta.dirname, '../..');
const DIRECTOR = 'rebuild-srpm:kernel-director';
const BACKEND = 'rebuild-srpm:kernel-backend';
const JOBS = availableParallelism();
const ROUNDS = 2;

const asked = process.argv.slice(2).map(Number);
const parts = asked.length > 0 ? asked : [1, 2, 3, 4];
const dir = await mkdtemp(join(tmpdir(), 'factory-bench-'));
const volumes: string[] = [];

/** A copy of recipe lts with compiler caches of its own, in an artifacts directory of its own. */
async function place(name: string): Promise<{ args: string[]; artifacts: string; ccache: string }> {
  const recipe = join(dir, name, 'lts');
  const ccache = `bench-${name}-${process.pid}`;
  await cp(join(ROOT, 'pipeline/recipes/lts'), recipe, { recursive: true });
  await cp(join(ROOT, 'patches/lts'), join(recipe, 'patches'), { recursive: true });
  const file = join(recipe, 'recipe.yaml');
  const yaml = (await readFile(file, 'utf8'))
    .replaceAll('ccache: lts-kernel', `ccache: ${ccache}`)
    .replace('produces: [keepalived, ipvsadm]', `produces: [keepalived, ipvsadm]\n    ccache: ${ccache}`);
  await writeFile(file, yaml);
  volumes.push(`fullnat-factory-ccache-${ccache}`);
  const artifacts = join(dir, name, 'artifacts');
  return {
    args: ['--recipe', recipe, '--artifacts', artifacts],
    artifacts,
    ccache: `fullnat-factory-ccache-${ccache}`,
  };
}

const packages = (records: ReadonlyMap<string, StepRecord>): Map<string, string> =>
  new Map(
    [...records.values()]
      .flatMap(({ outputs }) => outputs.filter(({ kind }) => kind === 'rpm' || kind === 'srpm'))
      .map(({ name, digest }) => [name, digest]),
  );

try {
  const fresh = parts.includes(1) || parts.includes(2);
  const a = fresh
    ? await place('a')
    : { args: ['--recipe', 'lts'], artifacts: join(ROOT, 'artifacts'), ccache: 'fullnat-factory-ccache-lts-kernel' };
  const build = ['build', '--only', 'kernels,tools', ...a.args];
  let cold = new Map<string, StepRecord>();
  if (parts.some((part) => part < 4)) cold = (await factory(build)).records;
  if (fresh) {
    const [director, backend] = [recordOf(cold, DIRECTOR), recordOf(cold, BACKEND)];
    console.log(
      `1  kernel-director, empty ccache      ${show(director.ms)}  (${String(director.facts.ccache_misses)} misses)`,
    );
    console.log(
      `   kernel-backend after it            ${show(backend.ms)}  (${String(backend.facts.ccache_hits)} hits)  ratio ${(backend.ms / director.ms).toFixed(2)} to cold`,
    );
  }

  if (parts.includes(2)) {
    const b = await place('b');
    const again = (await factory(['build', '--only', 'kernels,tools', '--jobs', String(JOBS + 1), ...b.args])).records;
    const [first, second] = [packages(cold), packages(again)];
    console.log(`2  twice from empty caches, ${JOBS} and ${JOBS + 1} jobs:`);
    for (const [name, digest] of [...first].sort())
      console.log(`   ${second.get(name) === digest ? 'same  ' : 'DIFFER'}  ${digest}  ${name}`);
    if ([...first].some(([name, digest]) => second.get(name) !== digest)) process.exitCode = 1;
  }

  if (parts.includes(3)) {
    const record = recordOf(cold, DIRECTOR);
    const [srpm] = recordOf(cold, 'assemble-srpm:kernel-director').outputs;
    const image = recordOf(cold, 'builder-image:debian-builder').outputs.find(({ kind }) => kind === 'image')?.engineId;
    if (srpm === undefined || image === undefined) throw new Error('no SRPM or no image of the cold build');
    const path = objectPath(layoutOf(join(a.artifacts, 'store')), srpm.digest);
    const byHand = [image, path, a.ccache, '1767225600', '.fn12', String(JOBS), String(4096 * 1024 * 1024)];
    const [hand, ours]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const typed = await timed(join(ROOT, 'test/bench/by-hand.sh'), byHand);
      for (const { name, digest } of record.outputs)
        if (name.endsWith('.rpm') && !typed.stdout.includes(digest))
          throw new Error(
            `${name} typed by hand has other bytes: the two are not the same build, and no ratio means anything`,
          );
      hand.push(typed.ms);
      // Forgetting the one record makes exactly this step run again.
      await rm(join(a.artifacts, 'ledger/v1/keys', `${record.key}.json`));
      const run = await factory(['build', '--only', 'kernel-director', ...a.args]);
      if (!run.made.has(DIRECTOR)) throw new Error(`${DIRECTOR} did not run again`);
      ours.push(run.ms);
    }
    const ratio = mean(ours) / mean(hand);
    if (ratio > 1.05) process.exitCode = 1;
    console.log(`3  warm, typed by hand                ${hand.map(show).join(', ')}`);
    console.log(
      `   warm, through the factory          ${ours.map(show).join(', ')}  ratio ${ratio.toFixed(3)}  (target 1.05: ${ratio <= 1.05 ? 'met' : 'MISSED'})`,
    );
  }

  if (parts.includes(4)) {
    const args = build;
    await timed(FACTORY, args);
    const [cached, bare]: [number[], number[]] = [[], []];
    for (let round = 0; round < 5; round += 1) {
      bare.push((await timed(process.execPath, ['-e', '0'])).ms);
      cached.push((await timed(FACTORY, args)).ms);
    }
    console.log(
      `4  nothing to do                      ${show(mean(cached))}  ratio ${(mean(cached) / mean(bare)).toFixed(1)} to starting Node`,
    );
  }
} finally {
  await rm(dir, { recursive: true, force: true });
  for (const volume of volumes) await timed('docker', ['volume', 'rm', '--force', volume]);
}
