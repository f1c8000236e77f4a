import { installManifest, manifestBytes } from '../host/manifest/manifest.ts';
import type { Artifact } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import { readPackages, requireModules } from './install-manifest-facts.ts';
import { artifactFile, baseName, runScript, type ScriptRun } from './script-run.ts';
import { fingerprintOf } from './secret-key.ts';
import type { Stage, StageContext } from './stage.ts';
import { stepFailed } from './step-failed.ts';
import { pairSummary } from './verify-pair-document.ts';

type Context = StageContext<'install-manifest'>;

/**
 * What a host of a role installs, changes and checks, out of the recipe and of what is read in the signed packages themselves:
 * names, digests, who signed them, which devices the kernel knows. docs/manifest.md tells the format.
 */
export const installManifestStage: Stage<'install-manifest'> = {
  name: 'install-manifest',
  version: 1,
  weight: 'light',
  container: (context) => Promise.resolve(manifestRun(context)),
  async run(context) {
    const { step, inputs, tools } = context;
    const { recipe, role, host, checks } = step.params;
    const result = await runScript(context, manifestRun(context), { explain: stepFailed(step.id) });
    const [tsv, read] = [result.files.get('packages.tsv'), result.files.get('devices')];
    if (tsv === undefined || read === undefined)
      throw new FactoryError({ kind: 'ReceiptMismatch', step: step.id, detail: 'make-manifest.sh left no list' });
    const packages = readPackages((await tools.store.read(tsv.digest)).toString('utf8'), inputs.rpms, step.id);
    const kernel = packages.find(({ name }) => name === 'kernel');
    if (kernel === undefined) throw new Error(`role ${role} has no kernel`);
    const [pair] = inputs.pair;
    requireModules(host.modules, (await tools.store.read(read.digest)).toString('utf8'), step.id);
    const devices: Artifact<'devices'> = { kind: 'devices', name: `${role}.devices`, ...read };
    const files = await hostFiles(context);
    const manifest = installManifest({
      recipe,
      role,
      host,
      checks,
      pair: pair === undefined ? null : pairSummary(await tools.store.read(pair.digest)).id,
      release: kernel.nevra.slice('kernel-'.length),
      arch: kernel.arch,
      packages,
      devices: { file: installPath(devices), sha256: devices.digest, size: devices.size },
      files: files.map((file) => ({ file: installPath(file), sha256: file.digest, size: file.size })),
    });
    const bytes = await tools.store.put(manifestBytes(manifest));
    // A file that is written to two places is one artifact.
    const once = new Map(files.map((file) => [file.name, file]));
    return {
      outputs: [{ kind: 'install-manifest', name: `${role}.json`, ...bytes }, devices, ...once.values()],
      facts: { ...result.facts, role, packages: packages.length },
    };
  },
};

/** Where the snapshot has what an install manifest speaks of. */
export function installPath({ kind, name }: Artifact<'install-manifest' | 'devices' | 'host-file'>): string {
  return kind === 'host-file' ? `install/files/${name}` : `install/${name}`;
}

/** In the order of the recipe. Files of the same name may differ between roles, so the name holds the digest's beginning. */
async function hostFiles({ step, tools }: Context): Promise<Artifact<'host-file'>[]> {
  return Promise.all(
    step.params.host.files.map(async ({ file }): Promise<Artifact<'host-file'>> => {
      const stored = await tools.store.put(await tools.files.read(file));
      return { kind: 'host-file', name: `${stored.digest.slice(0, 12)}-${baseName(file.path)}`, ...stored };
    }),
  );
}

function manifestRun({ step, inputs, tools }: Context): ScriptRun {
  return {
    image: inputs.publisher,
    script: 'make-manifest.sh',
    scripts: step.params.scripts,
    env: { FINGERPRINT: fingerprintOf(inputs.key) },
    files: [
      artifactFile(tools, inputs.key, 'in/key.asc'),
      ...inputs.rpms.map((rpm) => artifactFile(tools, rpm, `in/rpms/${rpm.name}`)),
    ],
  };
}
