import type { InstallCheck } from '../plan/params.ts';
import { parseSnapshotTree, type SnapshotTree } from '../plan/snapshot.ts';
import { FactoryError } from '../run/failure.ts';
import type { TarFile } from '../tools/tools.ts';
import { runScript, type ScriptRun } from './script-run.ts';
import { kernelRelease, packagesOf } from './snapshot-packages.ts';
import type { Stage, StageContext } from './stage.ts';

type Context = StageContext<'verify-install'>;

/**
 * Installs a role from the snapshot directory as a host would: a clean container, the distribution's own client, HTTP, the
 * pointer, package and metadata signatures. The web server runs inside that container, so nothing but loopback is needed.
 */
export const verifyInstall: Stage<'verify-install'> = {
  name: 'verify-install',
  version: 2,
  weight: 'light',
  container: verifyRun,
  async run(context) {
    const { step, tools } = context;
    const { role } = step.params;
    const result = await runScript(context, await verifyRun(context), {
      explain: (error) =>
        error && {
          kind: 'ChecksFailed',
          step: step.id,
          checks: [{ id: error.code, want: 'pass', got: error.detail }],
        },
    });
    const evidence = result.files.get('evidence.json');
    if (evidence === undefined)
      throw new FactoryError({
        kind: 'ReceiptMismatch',
        step: step.id,
        detail: 'verify-install.sh left no evidence.json',
      });
    const failed = failedChecks((await tools.store.read(evidence.digest)).toString('utf8'), step.params.checks);
    if (failed.length > 0) throw new FactoryError({ kind: 'ChecksFailed', step: step.id, checks: failed });
    const rootfs = result.files.get('rootfs.tar');
    return {
      outputs: [
        { kind: 'evidence', name: `verify-install-${role}.json`, ...evidence },
        ...(rootfs === undefined ? [] : [{ kind: 'rootfs' as const, name: `rootfs-${role}.tar`, ...rootfs }]),
      ],
      facts: { ...result.facts, role },
    };
  },
};

async function verifyRun(context: Context): Promise<ScriptRun> {
  const { step, inputs, tools } = context;
  const { recipe, scripts } = step.params;
  const tree = parseSnapshotTree(await tools.store.read(inputs.snapshot.digest));
  const packages = packagesOf(tree, step.params.packages, step.id);
  const kernel = packages.find((rpm) => rpm.name === 'kernel') ?? packages[0];
  const release = kernel === undefined ? '' : kernelRelease(kernel);
  return {
    image: inputs.target,
    script: 'verify-install.sh',
    scripts,
    user: 'root',
    writableRoot: 'packages are installed into it',
    env: {
      RECIPE: recipe,
      FINGERPRINT: tree.keyFingerprint,
      PACKAGES: packages.map((rpm) => `${rpm.name}-${rpm.version}-${rpm.release}.${rpm.arch}`).join(' '),
      ...(step.params.rootfs ? { ROOTFS: 'yes' } : {}),
    },
    files: [...webRoot(context, tree), checksFile(step.params.checks, release)],
    idleSeconds: 300,
  };
}

/** The published tree as a web root, with the pointer at this snapshot: what clients will see once it is current. */
function webRoot(context: Context, tree: SnapshotTree): TarFile[] {
  const { recipe } = context.step.params;
  const repository = context.tools.repository(recipe);
  const root = `in/srv/${recipe}`;
  const key = tree.files.find((file) => file.path === 'RPM-GPG-KEY-factory');
  if (key === undefined) throw new Error(`snapshot ${tree.id} has no public key`);
  return [
    ...tree.files.map((file) => ({
      path: `${root}/snapshots/${tree.id}/${file.path}`,
      mode: 0o644,
      bytes: repository.file(tree.id, file.path, file),
    })),
    { path: `${root}/RPM-GPG-KEY-factory`, mode: 0o644, bytes: repository.file(tree.id, key.path, key) },
    {
      path: `${root}/mirrorlist`,
      mode: 0o644,
      bytes: Buffer.from(`http://127.0.0.1:8080/${recipe}/snapshots/${tree.id}/\n`),
    },
  ];
}

function checksFile(checks: readonly InstallCheck[], release: string): TarFile {
  const fill = (text: string): string => text.replaceAll('{release}', release);
  const lines = checks.map((check) => [check.id, check.kind, fill(check.argument), fill(check.expected)].join('\t'));
  return { path: 'in/checks.tsv', mode: 0o644, bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')) };
}

/** Failed checks in evidence.json; a check of the recipe that the evidence does not speak of has failed as well. */
function failedChecks(text: string, wanted: readonly InstallCheck[]): { id: string; want: string; got: string }[] {
  const { checks } = JSON.parse(text) as { checks: { id: string; want: string; got: string; ok: boolean }[] };
  const missing = wanted
    .filter((check) => !checks.some((done) => done.id === check.id))
    .map((check) => ({ id: check.id, want: check.expected, got: 'was not checked' }));
  return [...checks.filter((check) => !check.ok).map(({ id, want, got }) => ({ id, want, got })), ...missing];
}
