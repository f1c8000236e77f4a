import type { Artifact } from '../plan/artifact.ts';
import type { RebuildSrpmParams } from '../plan/params.ts';
import { compareConfig } from '../rpm/kernel-config.ts';
import { parseRpmFileName } from '../rpm/nevra.ts';
import { createPatchReport, type PatchReport } from '../rpm/patch-report.ts';
import { rejectFromLog } from '../rpm/patch-reject.ts';
import { FactoryError, type Failure } from '../run/failure.ts';
import type { Facts } from '../run/record.ts';
import { createCompileProgress } from './compile-progress.ts';
import { rpmEnv } from './rpm-env.ts';
import { artifactFile, baseName, runScript, type ScriptResult, type ScriptRun } from './script-run.ts';
import type { Stage, StageContext } from './stage.ts';
import { stepFailed } from './step-failed.ts';

type Context = StageContext<'rebuild-srpm'>;

/** The slow one: rebuilds an SRPM without network, as a user, in a tmpfs where memory allows, with a shared ccache. */
export const rebuildSrpm: Stage<'rebuild-srpm'> = {
  name: 'rebuild-srpm',
  version: 1,
  weight: 'heavy',
  container: rebuildRun,
  async run(context) {
    const { step, lastFacts } = context;
    const last = lastFacts?.compiled;
    const estimate = typeof last === 'number' && last > 0 ? last : step.hints.objects;
    const progress = createCompileProgress(estimate, (phase, done, total) =>
      context.emit({ type: 'step-progress', step: step.id, phase, done, total, unit: 'objects' }),
    );
    const tail: string[] = [];
    const patches = createPatchReport();
    const result = await runScript(context, await rebuildRun(context), {
      onLine: (line, phase) => {
        progress.line(line, phase);
        patches.line(line);
        tail.push(line);
        if (tail.length > KEPT_LINES) tail.splice(0, KEPT_LINES / 2);
      },
      onPhase: (phase) => progress.phase(phase),
      explain: (error, failure) => {
        const rejected = rejectFromLog(tail);
        if (rejected === undefined) return withWanted(stepFailed(step.id)(error, failure), step.params);
        return error?.code === 'patch-rejected' ? { ...rejected, remark: error.detail } : rejected;
      },
    });
    const rpms = packagesOf(step.id, step.params, result);
    const config = await keptConfig(context, result);
    for (const patch of patches.reports()) context.log(`patch ${patchWords(patch)}`);
    return {
      outputs: [...rpms, ...config],
      facts: { ...single(result.facts), ...patchFacts(patches.reports()), compiled: progress.objects() },
    };
  },
};

/** Without what the script says once per package and per patch: of several, the last one would stand for all. */
function single({ rpm: _rpm, patch: _patch, ...facts }: Facts): Facts {
  return facts;
}

/** A value of the recipe that kconfig refused looks there like no value at all: out of range, or of the wrong type. */
function withWanted(failure: Failure | undefined, { config }: RebuildSrpmParams): Failure | undefined {
  if (failure?.kind !== 'StepFailed' || failure.code !== 'config-unanswered') return failure;
  const wanted = failure.detail.split(' ').map((name) => {
    const value = config?.values[name];
    return value === undefined
      ? name
      : `${name} (the recipe's ${value} is not accepted: out of its range, or no such value)`;
  });
  return { ...failure, detail: wanted.join(', ') };
}

/** `lvs.patch: 33 files, 210 hunks, 0 at another line, 0 with fuzz`. */
function patchWords({ name, files, hunks, offsets, fuzz }: PatchReport): string {
  return `${name}: ${files} files, ${hunks} hunks, ${offsets} at another line, ${fuzz} with fuzz`;
}

/** One fact per patch that was applied with --verbose, under `patch.<file name>`. */
function patchFacts(reports: readonly PatchReport[]): Facts {
  return Object.fromEntries(reports.map((report) => [`patch.${report.name}`, patchWords(report)]));
}

/** Enough for the report of a rejected patch with its rejects; the whole log is in its file. */
const KEPT_LINES = 2000;

const GIB = 1024 ** 3;
const TEMPORARY = GIB;

/** The container run of a rebuild; `factory shell` opens the same. */
async function rebuildRun({ step, inputs, tools, jobs }: Context): Promise<ScriptRun> {
  const { params, hints } = step;
  const { memoryBytes } = await tools.containers.info();
  // Half of the memory at most: the compiler needs the rest, and a tmpfs that does not fit takes the whole host down.
  const inMemory = memoryBytes / 2 >= hints.treeBytes;
  return {
    image: inputs.builder,
    script: 'rebuild-srpm.sh',
    scripts: params.scripts,
    env: {
      ...rpmEnv(params),
      JOBS: String(jobs),
      BUILD_DIR: '/build',
      // Two el6 kernels with debug information fill 4 GB.
      ...(hints.ccache === null ? {} : { CCACHE_DIR: '/ccache', CCACHE_MAXSIZE: '8G' }),
      ...(params.signedModules ? { MODULES: 'signed' } : {}),
      ...(params.config === null ? {} : { CONFIG_FINAL: params.config.final }),
      ...(params.config?.wanted == null ? {} : { CONFIG_WANTED: params.config.wanted }),
    },
    files: [
      artifactFile(tools, inputs.srpm, `in/srpm/${inputs.srpm.name}`),
      ...inputs.deps.map((dep) => artifactFile(tools, dep, `in/deps/${dep.name}`)),
    ],
    // What a build writes beside its tree is small; in memory it has a limit, which a volume has not.
    tmpfs: inMemory ? { '/build': hints.treeBytes, '/tmp': TEMPORARY, '/var/tmp': TEMPORARY } : {},
    scratch: ['/build'],
    memoryBytes: hints.memoryBytes ?? (3 + jobs) * GIB,
    volumes: hints.ccache === null ? {} : { '/ccache': `fullnat-factory-ccache-${hints.ccache}` },
    // Old gpg makes module keys from /dev/random, which old kernels let run dry; rngd would need privileges.
    devices: { '/dev/random': '/dev/urandom' },
    idleSeconds: 1800,
  };
}

function packagesOf(step: string, params: RebuildSrpmParams, result: ScriptResult): Artifact<'rpm'>[] {
  const rpms = [...result.files]
    .filter(([path]) => path.startsWith('RPMS/'))
    .map(([path, file]): Artifact<'rpm'> => ({ kind: 'rpm', name: baseName(path), ...file }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const got = rpms
    .map((rpm) => parseRpmFileName(rpm.name).name)
    .filter((name) => !params.optional.includes(name))
    .sort();
  const want = [...params.produces].sort();
  if (got.join() !== want.join()) throw new FactoryError({ kind: 'WrongPackages', step, want, got });
  return rpms;
}

async function keptConfig(context: Context, result: ScriptResult): Promise<Artifact<'config'>[]> {
  const { config } = context.step.params;
  if (config === null) return [];
  const final = result.files.get('config/final.config');
  if (final === undefined)
    throw new FactoryError({ kind: 'ReceiptMismatch', step: context.step.id, detail: `no ${config.final} was found` });
  const text = (await context.tools.store.read(final.digest)).toString('utf8');
  const symbols = compareConfig(config.values, text);
  if (symbols.length > 0) throw new FactoryError({ kind: 'ConfigNotKept', step: context.step.id, symbols });
  return [{ kind: 'config', name: 'final.config', ...final }];
}
