import type { Artifact, Sha256 } from '../plan/artifact.ts';
import { type SnapshotFile, type SnapshotTree, snapshotId } from '../plan/snapshot.ts';
import type { Repository, TarFile } from '../tools/tools.ts';
import { artifactFile, runScript, type ScriptRun } from './script-run.ts';
import { accessOf, fingerprintOf, isDemoKey } from './secret-key.ts';
import { provenanceEnvelope, type SnapshotDocuments, snapshotDocuments } from './snapshot-documents.ts';
import { snapshotInstall } from './snapshot-install.ts';
import type { Stage, StageContext } from './stage.ts';
import { stepFailed } from './step-failed.ts';
import { pairSummary } from './verify-pair-document.ts';

type Context = StageContext<'snapshot'>;

/**
 * Makes the complete directory of one publication: signed packages, metadata made off-line by createrepo_c, how it was made
 * and what is in it, their signatures, the public key. It becomes visible by one rename and is not current before `publish`.
 */
export const snapshot: Stage<'snapshot'> = {
  name: 'snapshot',
  version: 5,
  weight: 'light',
  present: async (record, tools) =>
    (await tools.repository(String(record.facts.recipe)).snapshots()).includes(String(record.facts.snapshot)),
  async run(context) {
    const { step, inputs, tools } = context;
    const packages = [
      ...inputs.rpms.map((rpm) => fileOf(rpm, `RPMS/${rpm.name}`)),
      ...inputs.srpms.map((srpm) => fileOf(srpm, `SRPMS/${srpm.name}`)),
    ];
    const metadata = await repodata(context);
    const key = fileOf(inputs.key, 'RPM-GPG-KEY-factory');
    const documents = await snapshotDocuments(context, packages, metadata);
    const { provenance, sbom } = documents;
    const pair = inputs.pair.map((one) => fileOf(one, 'pair.json'));
    const about = await manifest(context);
    const install = await snapshotInstall(context);
    const hosts = [...install.signed, ...install.others];
    const unsigned = sorted([...packages, ...metadata, key, about, ...pair, provenance, sbom, ...hosts]);
    const sums = await checksums(context, unsigned);
    const signatures = await signed(context, [indexOf(metadata), sums, sbom, ...install.signed], documents);
    const files = sorted([...unsigned, sums, ...signatures]);

    // Without the detached signatures, which carry their time: a re-run after a crash finds its own snapshot by content.
    const content = sums.digest;
    const repository = tools.repository(step.params.recipe);
    const { tree, bytes } = treeOf(context, content, files, await isDemoKey(tools, inputs.key));
    await repository.addSnapshot(tree.id, async (dir) => {
      for (const file of files) await tools.store.place(file.digest, `${dir}/${file.path}`);
    });
    await removeUnrecorded(repository, content.slice(0, 12), tree.id);
    const artifact: Artifact = { kind: 'snapshot', name: tree.id, ...(await tools.store.put(bytes)) };
    context.log(`snapshot ${tree.id}: ${files.length} files`);
    return {
      outputs: [artifact],
      facts: { snapshot: tree.id, recipe: step.params.recipe, files: files.length, fingerprint: tree.keyFingerprint },
    };
  },
};

function sorted(files: readonly SnapshotFile[]): SnapshotFile[] {
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function fileOf(artifact: Artifact, path: string): SnapshotFile {
  return { path, digest: artifact.digest, size: artifact.size };
}

/** What this snapshot is, for programs: the same for the same contents, so without its id and time. */
async function manifest({ step, inputs, tools }: Context): Promise<SnapshotFile> {
  const { recipe, extends: extended, epoch, unlocked } = step.params;
  const [pair] = inputs.pair;
  const about = {
    schema: 1,
    recipe,
    ...(extended === undefined ? {} : { extends: extended }),
    pair: pair === undefined ? null : pairSummary(await tools.store.read(pair.digest)),
    sourceDateEpoch: epoch,
    signedBy: fingerprintOf(inputs.key),
    demoKey: await isDemoKey(tools, inputs.key),
    unlockedSources: unlocked,
  };
  return { path: 'manifest.json', ...(await tools.store.put(Buffer.from(`${JSON.stringify(about, null, 2)}\n`))) };
}

/** SHA256SUMS as `sha256sum -c` reads it: everything but the detached signatures. */
async function checksums({ tools }: Context, files: readonly SnapshotFile[]): Promise<SnapshotFile> {
  const lines = files.map((file) => `${file.digest}  ${file.path}\n`);
  return { path: 'SHA256SUMS', ...(await tools.store.put(Buffer.from(lines.join('')))) };
}

function treeOf(
  context: Context,
  content: Sha256,
  files: readonly SnapshotFile[],
  keyIsDemo: boolean,
): { tree: SnapshotTree; bytes: Buffer } {
  const createdAt = new Date();
  const tree: SnapshotTree = {
    schema: 1,
    recipe: context.step.params.recipe,
    id: snapshotId(createdAt, content),
    createdAt: createdAt.toISOString(),
    keyFingerprint: fingerprintOf(context.inputs.key),
    keyIsDemo,
    unlocked: context.step.params.unlocked,
    files,
  };
  return { tree, bytes: Buffer.from(`${JSON.stringify(tree, null, 1)}\n`) };
}

async function repodata(context: Context): Promise<SnapshotFile[]> {
  const { step, inputs, tools } = context;
  const result = await runScript(context, {
    image: inputs.builder,
    script: 'make-repository.sh',
    scripts: step.params.scripts,
    env: { REVISION: String(step.params.epoch) },
    files: [
      ...inputs.rpms.map((rpm) => artifactFile(tools, rpm, `in/repo/RPMS/${rpm.name}`)),
      ...inputs.srpms.map((srpm) => artifactFile(tools, srpm, `in/repo/SRPMS/${srpm.name}`)),
    ],
  });
  return [...result.files].map(([path, file]) => ({ path, ...file }));
}

function indexOf(metadata: readonly SnapshotFile[]): SnapshotFile {
  const repomd = metadata.find((file) => file.path === 'repodata/repomd.xml');
  if (repomd === undefined) throw new Error('make-repository.sh made no repodata/repomd.xml');
  return repomd;
}

/** Detached signatures of these files, and the provenance in its envelope. */
async function signed(
  context: Context,
  detached: readonly SnapshotFile[],
  { provenance, toSign }: SnapshotDocuments,
): Promise<SnapshotFile[]> {
  const { step, inputs, tools } = context;
  // All in one folder, so folders become part of the name.
  const nameOf = ({ path }: SnapshotFile): string => path.replaceAll('/', '.');
  const input = (file: SnapshotFile): TarFile => ({
    path: `in/files/${nameOf(file)}`,
    mode: 0o644,
    bytes: { size: file.size, open: () => tools.store.open(file.digest) },
  });
  const run: ScriptRun = {
    image: inputs.builder,
    script: 'sign-file.sh',
    scripts: step.params.scripts,
    env: {},
    files: [...detached.map(input), toSign],
    ...(await accessOf(tools, inputs.key)),
  };
  const result = await runScript(context, run, { explain: stepFailed(step.id) });
  const envelope = await provenanceEnvelope(tools.store, provenance, fingerprintOf(inputs.key), result.files);
  const signatures = detached.map((file) => {
    const signature = result.files.get(`${nameOf(file)}.asc`);
    if (signature === undefined) throw new Error(`sign-file.sh made no signature of ${file.path}`);
    return { path: `${file.path}.asc`, ...signature };
  });
  return [...signatures, envelope];
}

/** A run that died between the rename and its ledger record left a snapshot of the same content that nobody knows. */
async function removeUnrecorded(repository: Repository, content: string, keep: string): Promise<void> {
  const kept = await repository.kept();
  for (const id of await repository.snapshots())
    if (id.endsWith(`-${content}`) && id !== keep && !kept.has(id)) await repository.removeSnapshot(id);
}
