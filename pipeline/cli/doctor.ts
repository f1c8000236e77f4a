import { statfs } from 'node:fs/promises';
import { describe } from '../report/describe.ts';
import { formatBytes } from '../report/units.ts';
import { EXIT } from '../run/exit-code.ts';
import { failureOf } from '../run/failure.ts';
import { vsyscallFinding } from './doctor-vsyscall.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/** One finding. `bad` makes doctor fail; `warning` does not. */
export interface Finding {
  readonly state: 'ok' | 'warning' | 'bad';
  readonly what: string;
  readonly detail: string;
  readonly advice: readonly string[];
}

const GIB = 1024 ** 3;
/** Sources, SRPMs unsigned and signed, RPMs, images and ccache of a full lts build took 5 GB. */
const DISK_WANTED = 10 * GIB;

/** `factory doctor`: looks at everything that a build needs, and says what to do about what is missing. Changes nothing. */
export async function doctor(world: World, options: CommonOptions): Promise<number> {
  const session = await openSession(world, options);
  const found = [
    node(),
    recipe(session),
    await disk(session),
    ...(await engine(session)),
    ...(await baseImages(session)),
    await mirrors(session),
  ];
  if (options.json) world.stdout.write(`${JSON.stringify(found)}\n`);
  else world.stdout.write(found.map((one) => `${lineOf(one)}\n`).join(''));
  return found.some(({ state }) => state === 'bad') ? EXIT.environment : EXIT.ok;
}

const ok = (what: string, detail: string): Finding => ({ state: 'ok', what, detail, advice: [] });

function lineOf({ state, what, detail, advice }: Finding): string {
  const mark = { ok: 'ok     ', warning: 'warning', bad: 'BAD    ' }[state];
  return [`${mark}  ${what}: ${detail}`, ...advice.map((line) => `           → ${line}`)].join('\n');
}

function node(): Finding {
  return ok('Node.js', process.version);
}

function recipe({ recipe: { name, sources, packages } }: Session): Finding {
  return ok('recipe', `${name}: ${sources.length} sources, ${packages.length} packages`);
}

async function disk({ artifacts }: Session): Promise<Finding> {
  const { bavail, bsize } = await statfs(artifacts.root);
  const free = bavail * bsize;
  if (free >= DISK_WANTED) return ok('disk', `${formatBytes(free)} free for results`);
  return {
    state: 'warning',
    what: 'disk',
    detail: `${formatBytes(free)} free for results; a first build takes up to ${formatBytes(DISK_WANTED)}`,
    advice: ['bin/factory prune frees what no latest result needs.'],
  };
}

async function engine({ tools, recipe: { bases } }: Session): Promise<Finding[]> {
  try {
    const info = await tools.containers.info();
    const found = ok(
      'engine',
      `Docker ${info.version} (API ${info.apiVersion}), ${info.os}/${info.arch}, kernel ${info.kernel}`,
    );
    const size = `${info.cpus} processors, ${formatBytes(info.memoryBytes)} memory`;
    const advice = ['A kernel build wants 4 GB or more; give the engine (or its virtual machine) more memory.'];
    const sized: Finding =
      info.memoryBytes >= 4 * GIB
        ? ok('engine size', size)
        : { state: 'warning', what: 'engine size', detail: size, advice };
    const needed = bases.some(({ requires }) => requires.includes('vsyscall'));
    return [found, sized, vsyscallFinding(await tools.host.vsyscall(info), needed)];
  } catch (thrown) {
    const { short, detail, advice } = describe(failureOf(thrown));
    return [{ state: 'bad', what: 'engine', detail: [short, ...detail].join(' '), advice }];
  }
}

async function baseImages({ tools, recipe: { bases } }: Session): Promise<Finding[]> {
  const mmdebstrap = await tools.host.has('mmdebstrap');
  return bases.map(({ name, from, bootstrap }): Finding => {
    const what = `base image ${name}`;
    if ('rootfs' in from) return ok(what, `imported from the source ${from.rootfs}`);
    if (bootstrap !== null && mmdebstrap)
      return ok(what, 'pulled by digest, or bootstrapped with mmdebstrap where no registry answers');
    return {
      state: 'warning',
      what,
      detail: `can only be pulled: ${from.image}`,
      advice: bootstrap === null ? [] : ['Without a registry: apt-get install mmdebstrap (Debian, Ubuntu).'],
    };
  });
}

async function mirrors({ tools, recipe: { sources } }: Session): Promise<Finding> {
  if (!sources.some(({ kind }) => kind === 'apt')) return ok('apt mirrors', 'not needed by this recipe');
  const { archives } = await tools.host.aptMirrors();
  return ok('apt mirrors', archives === null ? 'the public default of Debian images' : "those of this machine's apt");
}
