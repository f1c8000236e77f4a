import type { Artifact } from '../plan/artifact.ts';
import type { SnapshotTree } from '../plan/snapshot.ts';
import { parseBootEvidence } from '../report/proof.ts';
import type { SnapshotPageInput } from '../report/site.ts';
import { parseRpmFileName } from '../rpm/nevra.ts';
import type { Repository, Store } from '../tools/tools.ts';
import { baseName } from './script-run.ts';
import { changesSince } from './snapshot-page-changes.ts';
import { hostChanges } from './snapshot-page-manifests.ts';

/** What verify-install.sh wrote: enough of it for the page. */
interface InstallEvidence {
  readonly ok: boolean;
  readonly packages: readonly { readonly nevra: string }[];
  readonly checks: readonly unknown[];
}

/** Beside packages and evidence: what says how it was made and lets programs check it. */
const DOCUMENT =
  /^(SHA256SUMS(\.asc)?|manifest\.json|pair\.json|provenance\.json|provenance\.intoto\.jsonl|sbom\.cdx\.json(\.asc)?|install\/.*)$/;

/**
 * Data for the page of a snapshot that is about to be published at `baseUrl`. A package's role is the one whose verification
 * installed it.
 */
export async function snapshotPageInput(
  tree: SnapshotTree,
  evidence: readonly Artifact<'evidence'>[],
  { store, repository, baseUrl }: { readonly store: Store; readonly repository: Repository; readonly baseUrl: string },
): Promise<SnapshotPageInput> {
  // Signatures of upstream are evidence too, but of no role.
  const installs = evidence.filter(({ name }) => name.startsWith('verify-install-'));
  const roles = await Promise.all(
    installs.map(async ({ name, digest }) => ({
      role: name.replace(/^verify-install-|\.json$/g, ''),
      found: JSON.parse((await store.read(digest)).toString('utf8')) as InstallEvidence,
    })),
  );
  const roleOf = (nevra: string): string | null =>
    roles.find(({ found }) => found.packages.some((one) => one.nevra === nevra))?.role ?? null;
  return {
    recipe: tree.recipe,
    snapshot: tree.id,
    createdAt: tree.createdAt,
    keyFingerprint: tree.keyFingerprint,
    keyIsDemo: tree.keyIsDemo,
    unlocked: tree.unlocked,
    packages: tree.files
      .filter(({ path }) => path.endsWith('.rpm'))
      .map(({ path, digest, size }) => {
        const nevra = baseName(path).replace(/\.rpm$/, '');
        return {
          name: parseRpmFileName(baseName(path)).name,
          nevra,
          size,
          sha256: digest,
          file: path,
          role: roleOf(nevra),
        };
      }),
    evidence: roles.map(({ role, found }) => ({ role, ok: found.ok, checks: found.checks.length })),
    proof: await proofOf(evidence, store),
    baseUrl: baseUrl.replace(/\/+$/, ''),
    hosts: await hostChanges(tree, store),
    changes: await changesSince(tree, repository, store),
    documents: tree.files.map(({ path }) => path).filter((path) => DOCUMENT.test(path)),
  };
}

async function proofOf(evidence: readonly Artifact<'evidence'>[], store: Store): Promise<SnapshotPageInput['proof']> {
  const found = evidence.find(({ name }) => name === 'verify-boot.json');
  if (found === undefined) return null;
  const files = evidence.filter(({ name }) => name.startsWith('verify-boot')).map(({ name }) => `evidence/${name}`);
  return { evidence: parseBootEvidence(await store.read(found.digest)), files };
}
