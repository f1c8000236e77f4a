import type { ImageDescriptor, Sha256, SourceInfo } from '../plan/artifact.ts';
import type { ExtendedRecipe } from '../plan/params.ts';
import type { SnapshotFile } from '../plan/snapshot.ts';
import type { Step, StageName, StepOf } from '../plan/step.ts';
import type { PastStep } from '../run/history.ts';
import type { StepRecord } from '../run/record.ts';

/**
 * All that the documents about a snapshot are made of. Nothing in it depends on when or where the snapshot was made: equal
 * contents have equal documents.
 */
export interface Account {
  readonly recipe: string;
  /** What the recipe extends, the nearest first. */
  readonly extends: readonly ExtendedRecipe[];
  /** SOURCE_DATE_EPOCH of the recipe in seconds: the only time that the documents name. */
  readonly epoch: number;
  /** Key of the snapshot step: a digest over everything that went in. */
  readonly key: string;
  /** The signed packages, RPMS/… and SRPMS/…. */
  readonly packages: readonly SnapshotFile[];
  /** Everything that the packages come from, in plan order. */
  readonly history: readonly PastStep[];
  /** Where upstream has what a step downloads, by id of the step. */
  readonly upstream: Readonly<Record<string, string>>;
  /**
   * Bytes by digest: of the small documents among the outputs of the history (`image`, `packages`, `source-info`) and of all
   * files of the recipe and the factory that it names.
   */
  readonly documents: ReadonlyMap<string, Buffer>;
}

/** A step of one stage, with its record. */
export interface Past<S extends StageName> {
  readonly step: StepOf<S>;
  readonly record: StepRecord;
}

/** The steps of one stage, in plan order. */
export function pastOf<S extends StageName>(history: readonly PastStep[], stage: S): readonly Past<S>[] {
  return history.flatMap(({ step, record }) => (isOf(step, stage) ? [{ step, record }] : []));
}

function isOf<S extends StageName>(step: Step, stage: S): step is Step & StepOf<S> {
  return step.stage === stage;
}

/** The three steps that make a package. */
export interface PackageHistory {
  readonly name: string;
  readonly assemble: Past<'assemble-srpm'>;
  readonly rebuild: Past<'rebuild-srpm'>;
}

/** The packages of a history, in plan order. Throws when one was built without being assembled. */
export function packagesOf(history: readonly PastStep[]): readonly PackageHistory[] {
  const assembled = pastOf(history, 'assemble-srpm');
  return pastOf(history, 'rebuild-srpm').map((rebuild) => {
    const { package: name } = rebuild.step.params;
    const assemble = assembled.find(({ step }) => step.params.package === name);
    if (assemble === undefined) throw new Error(`package ${name} was built but not assembled`);
    return { name, assemble, rebuild };
  });
}

/** What a published package was before it was signed, and which package it is of. */
export interface Unsigned {
  readonly package: PackageHistory;
  readonly kind: 'rpm' | 'srpm';
  readonly digest: Sha256;
}

/** The unsigned package behind a published file, by file name. Throws when the history has none. */
export function unsignedOf(packages: readonly PackageHistory[], file: string): Unsigned {
  for (const one of packages)
    for (const { kind, name, digest } of [...one.rebuild.record.outputs, ...one.assemble.record.outputs])
      if (name === file && (kind === 'rpm' || kind === 'srpm')) return { package: one, kind, digest };
  throw new Error(`nothing in the history made ${file}`);
}

/** The document behind an output. Throws when the account lacks it. */
export function imageOf(account: Account, record: StepRecord): { descriptor: ImageDescriptor; bytes: Buffer } {
  const bytes = documentOf(account, record, 'image');
  return { descriptor: JSON.parse(bytes.toString('utf8')) as ImageDescriptor, bytes };
}

/** What apt said about a fetched file. Throws when the account lacks it. */
export function infoOf(account: Account, record: StepRecord): SourceInfo {
  return JSON.parse(documentOf(account, record, 'source-info').toString('utf8')) as SourceInfo;
}

function documentOf(account: Account, record: StepRecord, kind: 'image' | 'source-info'): Buffer {
  return contentOf(account, outputOf(record, kind).digest);
}

/** The bytes of a document or a file. Throws when the account lacks them. */
export function contentOf({ documents }: Account, digest: Sha256): Buffer {
  const bytes = documents.get(digest);
  if (bytes === undefined) throw new Error(`sha256 ${digest} was not read`);
  return bytes;
}

/** The one output of that kind. Throws when there is none. */
export function outputOf(record: StepRecord, kind: string): StepRecord['outputs'][number] {
  const output = record.outputs.find((one) => one.kind === kind);
  if (output === undefined) throw new Error(`${record.step} made no ${kind}`);
  return output;
}
