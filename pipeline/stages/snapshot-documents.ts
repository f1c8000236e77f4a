import { gunzipSync } from 'node:zlib';
import type { ArtifactKind } from '../plan/artifact.ts';
import type { SnapshotFile } from '../plan/snapshot.ts';
import type { Account } from '../provenance/account.ts';
import { sbomOf } from '../provenance/cyclonedx.ts';
import { documentBytes } from '../provenance/document.ts';
import { envelopeLine, IN_TOTO, preAuthEncoding } from '../provenance/dsse.ts';
import { fileRefsIn } from '../provenance/file-refs.ts';
import { provenanceOf } from '../provenance/slsa.ts';
import type { Store, TarFile } from '../tools/tools.ts';
import type { Received } from './receipt.ts';
import type { StageContext } from './stage.ts';

type Context = StageContext<'snapshot'>;

/** What a snapshot says about itself: how it was made (in-toto, SLSA) and what is in it (CycloneDX). */
export interface SnapshotDocuments {
  readonly provenance: SnapshotFile;
  readonly sbom: SnapshotFile;
  /** What is signed in place of the provenance: the bytes that a DSSE envelope wants signed. */
  readonly toSign: TarFile;
}

const PAE = 'provenance.pae';

/** Writes both documents into the store. Their bytes follow from the contents alone, so they are among the sums. */
export async function snapshotDocuments(
  context: Context,
  packages: readonly SnapshotFile[],
  metadata: readonly SnapshotFile[],
): Promise<SnapshotDocuments> {
  const { step, key, tools, history } = context;
  const { recipe, extends: extended = [], epoch, upstream } = step.params;
  const documents = await smallDocuments(context);
  const sorted = packages.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const account: Account = { recipe, extends: extended, epoch, key, packages: sorted, history, upstream, documents };
  const statement = documentBytes(provenanceOf(account));
  const sbom = documentBytes(sbomOf(account, await primaryXml(tools.store, metadata)));
  return {
    provenance: { path: 'provenance.json', ...(await tools.store.put(statement)) },
    sbom: { path: 'sbom.cdx.json', ...(await tools.store.put(sbom)) },
    toSign: { path: `in/files/${PAE}`, mode: 0o644, bytes: preAuthEncoding(IN_TOTO, statement) },
  };
}

/**
 * The provenance in its signed envelope. `signatures`: what sign-file.sh made, by path. A signature carries its time, so the
 * envelope is not among the sums, like the detached signatures.
 */
export async function provenanceEnvelope(
  store: Store,
  provenance: SnapshotFile,
  fingerprint: string,
  signatures: ReadonlyMap<string, Received>,
): Promise<SnapshotFile> {
  const signature = signatures.get(`${PAE}.asc`);
  if (signature === undefined) throw new Error('sign-file.sh made no signature of the provenance');
  const armored = (await store.read(signature.digest)).toString('latin1');
  const line = envelopeLine(IN_TOTO, await store.read(provenance.digest), fingerprint, armored);
  return { path: 'provenance.intoto.jsonl', ...(await store.put(line)) };
}

/** Outputs of the history that are documents themselves (images, package sets, versions), and our own files. */
async function smallDocuments({ history, tools }: Context): Promise<ReadonlyMap<string, Buffer>> {
  const documents = new Map<string, Buffer>();
  for (const { record } of history)
    for (const { kind, digest } of record.outputs)
      if (DOCUMENTS.has(kind)) documents.set(digest, await tools.store.read(digest));
  for (const ref of fileRefsIn(history.map(({ step }) => step.params)))
    documents.set(ref.sha256, await tools.files.read(ref));
  return documents;
}

const DOCUMENTS: ReadonlySet<ArtifactKind> = new Set(['image', 'packages', 'source-info'] as const);

async function primaryXml(store: Store, metadata: readonly SnapshotFile[]): Promise<string> {
  const primary = metadata.find(({ path }) => path === 'repodata/primary.xml.gz');
  if (primary === undefined) throw new Error('make-repository.sh made no repodata/primary.xml.gz');
  return gunzipSync(await store.read(primary.digest)).toString('utf8');
}
