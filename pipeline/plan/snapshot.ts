import type { Sha256 } from './artifact.ts';

/** One file of a snapshot, with its path relative to the snapshot's directory. */
export interface SnapshotFile {
  readonly path: string;
  readonly digest: Sha256;
  readonly size: number;
}

/** Contents of a `snapshot` artifact: every file that was published, sorted by path. */
export interface SnapshotTree {
  readonly schema: 1;
  readonly recipe: string;
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly keyFingerprint: string;
  /** Whether it was signed with a throw-away demo key. */
  readonly keyIsDemo: boolean;
  /** Sources that nothing vouched for when this was built. */
  readonly unlocked: readonly string[];
  readonly files: readonly SnapshotFile[];
}

/** `20261122T151617Z-0123456789ab`: readable, sortable, and with the first 12 digits of the content digest. */
export function snapshotId(createdAt: Date, content: Sha256): string {
  return `${createdAt.toISOString().replace(/[-:]|\.\d+/g, '')}-${content.slice(0, 12)}`;
}

/** Reads a `snapshot` artifact's bytes. Throws a TypeError on another schema. */
export function parseSnapshotTree(bytes: Buffer): SnapshotTree {
  const tree = JSON.parse(bytes.toString('utf8')) as SnapshotTree;
  // The bytes were hashed on the way out of the store and only this program writes them: the schema number is what can differ.
  if ((tree.schema as number) !== 1) throw new TypeError(`snapshot tree of schema ${String(tree.schema)}`);
  return tree;
}
