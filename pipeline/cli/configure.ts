import { readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { capacityOf } from '../host/configure/capacity.ts';
import { hostsOf } from '../host/configure/hosts.ts';
import { readCluster } from '../host/configure/read.ts';
import { summaryFile } from '../host/configure/summary.ts';
import { writeOutput } from '../host/configure/write.ts';
import { EXIT } from '../run/exit-code.ts';
import { checkConfigured, mustBeCheckable } from './configure-check.ts';
import { configureLines } from './configure-report.ts';
import { FACTORY_DIR } from './paths.ts';
import type { OwnOptions } from './program.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory configure FILE`: writes the files of every host of a cluster into a folder per host, below
 * `--out` (default: ./configured/<cluster>). The same cluster file makes the same bytes. Failures: Usage, RecipeInvalid.
 */
export async function configure(
  world: World,
  options: CommonOptions,
  args: readonly string[],
  own: OwnOptions,
): Promise<number> {
  const cluster = await readCluster(resolve(world.cwd, args[0] ?? ''), own.kind);
  if (own.check === true) mustBeCheckable(cluster);
  const script = await readFile(join(FACTORY_DIR, 'pipeline/host/configure/director.sh'), 'utf8');
  const hosts = hostsOf(cluster, script);
  const capacity = capacityOf(cluster);
  const out = own.out ?? join('configured', cluster.name);
  const files = hosts.flatMap(({ name, files: below }) =>
    below.map((file) => ({ ...file, path: `${name}/${file.path}` })),
  );
  const written = await writeOutput(
    resolve(world.cwd, out),
    [...files, summaryFile(cluster, hosts, capacity)],
    own.force === true,
  );
  const checked = own.check === true ? await checkConfigured(world, options, cluster, hosts) : null;
  const report = { cluster: cluster.name, kind: cluster.kind, source: basename(args[0] ?? ''), out, ...written };
  const { warnings } = cluster;
  if (options.json) world.stdout.write(`${JSON.stringify({ ...report, warnings, capacity, checked })}\n`);
  else world.stdout.write(`${configureLines(report, hosts, capacity, warnings, checked).join('\n')}\n`);
  return EXIT.ok;
}
