import type { Artifact } from '../plan/artifact.ts';

/** Small scalars that a stage wants to remember: ccache hits, object count, resolved version, snapshot id. */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** Everything that decides what a step makes: the JSON that is hashed into its key. */
export interface Identity {
  readonly stage: string;
  readonly version: number;
  readonly params: unknown;
  /** Per role the artifacts in order: kind, name, digest. */
  readonly inputs: Readonly<Record<string, readonly { kind: string; name: string; digest: string }[]>>;
}

/** One line of the ledger: what a step was, what it made, how long it took. */
export interface StepRecord {
  readonly schema: 1;
  readonly key: string;
  readonly step: string;
  readonly identity: Identity;
  readonly outputs: readonly Artifact[];
  readonly facts: Facts;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly ms: number;
  /** Log file relative to the artifacts directory, or null for a step that had nothing to log. */
  readonly log: string | null;
  readonly runId: string;
}
