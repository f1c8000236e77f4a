import type { SourceInfo } from '../plan/artifact.ts';
import { parseConfig } from '../rpm/kernel-config.ts';
import { checkPatches } from '../rpm/patch-check.ts';
import { prepareSources, textFilesOf } from '../rpm/prepare-sources.ts';
import { expandTemplates } from '../rpm/templates.ts';
import { FactoryError } from '../run/failure.ts';
import type { TarFile } from '../tools/tools.ts';
import { parseInfo } from './fetch-apt.ts';
import { rpmEnv } from './rpm-env.ts';
import { artifactFile, baseName, runScript, type ScriptRun } from './script-run.ts';
import { unpackEnv } from './unpack-limits.ts';
import { stepFailed } from './step-failed.ts';
import type { Stage, StageContext } from './stage.ts';

type Context = StageContext<'assemble-srpm'>;

/**
 * Makes the source package that is rebuilt and published: our spec and sources, or an upstream SRPM, with edits computed
 * here (each must match exactly once) and `rpmbuild -bs` in the container.
 */
export const assembleSrpm: Stage<'assemble-srpm'> = {
  name: 'assemble-srpm',
  version: 1,
  weight: 'light',
  container: assembleRun,
  async run(context) {
    const { step } = context;
    const result = await runScript(context, await assembleRun(context), { explain: stepFailed(step.id) });
    const [only, ...more] = [...result.files].filter(([path]) => path.endsWith('.src.rpm'));
    if (only === undefined || more.length > 0)
      throw new FactoryError({
        kind: 'WrongPackages',
        step: step.id,
        want: ['one .src.rpm'],
        got: [...result.files.keys()],
      });
    const [path, file] = only;
    return { outputs: [{ kind: 'srpm', name: baseName(path), ...file }], facts: result.facts };
  },
};

/** The container run of an assembly, with all text edits done. */
async function assembleRun(context: Context): Promise<ScriptRun> {
  const { step, inputs, tools } = context;
  const { params } = step;
  const infos = await readInfos(context);
  const [srpm] = inputs.srpm;
  const ours = new Map<string, Buffer>();
  for (const ref of params.files) ours.set(baseName(ref.path), await tools.files.read(ref));
  const wanted = textFilesOf(params);
  const unpacked =
    srpm === undefined
      ? new Map<string, Buffer>()
      : await fromSrpm(
          context,
          wanted.filter((name) => !ours.has(name)),
        );
  const texts = new Map(
    wanted.flatMap((name) => {
      const bytes = ours.get(name) ?? unpacked.get(name);
      return bytes === undefined ? [] : [[name, bytes.toString('latin1')] as const];
    }),
  );
  const prepared = prepareSources(params, texts, infos);
  const patches = await patchesOf(context);
  checkPatches(
    params.package,
    patches.map(({ name, bytes }) => ({ name, text: bytes.toString('latin1') })),
    params.patches?.applyWith ?? '',
    symbolsIn(new Map([...[...ours].map(([name, bytes]) => [name, bytes.toString('latin1')] as const), ...prepared])),
  );
  const edited = new Map([
    ...ours,
    ...[...prepared].map(([name, text]) => [name, Buffer.from(text, 'latin1')] as const),
  ]);

  const files: TarFile[] = [...edited].map(([name, bytes]) => ({
    path: name === params.spec ? `in/SPECS/${name}` : `in/SOURCES/${name}`,
    mode: 0o644,
    bytes,
  }));
  for (const { name, bytes } of patches) files.push({ path: `in/SOURCES/${name}`, mode: 0o644, bytes });
  for (const [index, source] of inputs.sources.entries())
    files.push(
      artifactFile(tools, source, `in/SOURCES/${expandTemplates(params.sourceNames[index] ?? source.name, infos)}`),
    );
  if (srpm !== undefined) files.push(artifactFile(tools, srpm, `in/srpm/${srpm.name}`));
  return {
    image: inputs.builder,
    script: 'assemble-srpm.sh',
    scripts: params.scripts,
    env: { ...rpmEnv(params), ...unpackEnv(params.limits), SPEC: params.spec },
    files,
  };
}

/** Patches of upstream under the names that the spec gives them, then ours. */
async function patchesOf({ step, inputs, tools }: Context): Promise<{ name: string; bytes: Buffer }[]> {
  const { patchNames, patches } = step.params;
  const upstream = inputs.patches.map(async (patch, index) => ({
    name: patchNames[index] ?? patch.name,
    bytes: await tools.store.read(patch.digest),
  }));
  const ours = (patches?.files ?? []).map(async (ref) => ({
    name: baseName(ref.path),
    bytes: await tools.files.read(ref),
  }));
  return Promise.all([...upstream, ...ours]);
}

/** Symbols that a configuration fragment gives a value. */
function symbolsIn(texts: ReadonlyMap<string, string>): Set<string> {
  const fragments = [...texts].filter(([name]) => name.startsWith('config-'));
  return new Set(fragments.flatMap(([, text]) => [...parseConfig(text).keys()]));
}

async function readInfos({ step, inputs, tools }: Context): Promise<Map<string, SourceInfo>> {
  const infos = new Map<string, SourceInfo>();
  for (const [index, artifact] of inputs.infos.entries()) {
    const name = step.params.infoNames[index];
    if (name !== undefined) infos.set(name, parseInfo((await tools.store.read(artifact.digest)).toString('utf8')));
  }
  return infos;
}

/** The files of an upstream SRPM that edits are about to change. */
async function fromSrpm(context: Context, names: readonly string[]): Promise<Map<string, Buffer>> {
  const { step, inputs, tools } = context;
  const [srpm] = inputs.srpm;
  if (srpm === undefined || names.length === 0) return new Map();
  const result = await runScript(
    context,
    {
      image: inputs.builder,
      script: 'unpack-srpm.sh',
      scripts: step.params.scripts,
      env: { FILES: names.join(' '), ...unpackEnv(step.params.limits) },
      files: [artifactFile(tools, srpm, `in/srpm/${srpm.name}`)],
    },
    { explain: (error) => error && { kind: 'SourceMissing', source: srpm.name, detail: error.detail } },
  );
  const texts = new Map<string, Buffer>();
  for (const [name, file] of result.files) texts.set(name, await tools.store.read(file.digest));
  return texts;
}
