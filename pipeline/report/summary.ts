import { posix } from 'node:path';
import type { ArtifactKind } from '../plan/artifact.ts';
import type { TimedEvent } from '../run/events.ts';
import { CANCELLED } from '../run/outcome.ts';
import type { FailureKind } from '../run/failure.ts';
import type { Facts } from '../run/record.ts';
import type { Description } from './describe.ts';

/** A stretch of a step's time, in ms from the start of the run. */
export interface PhaseSummary {
  readonly name: string;
  readonly startMs: number;
  readonly ms: number;
}

/** What became of one step of the plan. */
export interface StepSummary {
  readonly id: string;
  readonly title: string;
  readonly stage: string;
  /** `skipped`: something before it failed, or the run ended before its turn. */
  readonly state: 'cached' | 'made' | 'failed' | 'skipped';
  /** ms from the start of the run; for a skipped step, when that was decided. */
  readonly startMs: number;
  /** How long it took in this run, in ms; 0 when it did not run. */
  readonly ms: number;
  /** How long it took when it was made, for a cached step; else null. */
  readonly recordedMs: number | null;
  /** Why it ran (which input changed), or why it was skipped; empty when there is nothing to say. */
  readonly why: string;
  readonly facts: Facts;
  /** Relative to the artifacts directory, forward slashes; null: it logged nothing. */
  readonly log: string | null;
  readonly phases: readonly PhaseSummary[];
}

/** One output of a step that was made or taken from the store. */
export interface ArtifactSummary {
  readonly name: string;
  readonly size: number;
  readonly digest: string;
  readonly kind: ArtifactKind;
  readonly step: string;
}

/** A failed step, in words. */
export interface FailureSummary extends Description {
  readonly step: string;
  readonly kind: FailureKind;
  /** Last lines of the step's output. */
  readonly tail: readonly string[];
  readonly log: string | null;
}

/** Everything about a run that pages, tables and summary.json show. Plain data. */
export interface RunSummary {
  readonly schema: 1;
  readonly recipe: string;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly ms: number;
  readonly ok: boolean;
  /** False when the events stop before `run-finished`: the process was killed. */
  readonly finished: boolean;
  /** In plan order. */
  readonly steps: readonly StepSummary[];
  readonly artifacts: readonly ArtifactSummary[];
  readonly failures: readonly FailureSummary[];
  readonly notes: readonly {
    readonly level: 'info' | 'warning';
    readonly message: string;
    readonly step: string | null;
  }[];
}

/** How many steps ended in which way. */
export function countStates(summary: RunSummary): Readonly<Record<StepSummary['state'], number>> {
  const counts = { cached: 0, made: 0, failed: 0, skipped: 0 };
  for (const step of summary.steps) counts[step.state] += 1;
  return counts;
}

const SIGNED: ReadonlySet<ArtifactKind> = new Set(['signed-rpm', 'signed-srpm']);
const UNSIGNED: ReadonlySet<ArtifactKind> = new Set(['rpm', 'srpm']);

/** The packages of a run, each once, by name: signed ones in place of their unsigned originals. */
export function packagesOf(summary: RunSummary): readonly ArtifactSummary[] {
  const signed = summary.artifacts.filter((artifact) => SIGNED.has(artifact.kind));
  const names = new Set(signed.map((artifact) => artifact.name));
  const rest = summary.artifacts.filter((artifact) => UNSIGNED.has(artifact.kind) && !names.has(artifact.name));
  return [...signed, ...rest].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A log's path relative to the artifacts directory, whether the event named it so or with the run's directory. */
export function relativeLog(log: string | null, runDir: string): string | null {
  if (log === null || !posix.isAbsolute(log)) return log;
  return posix.relative(posix.join(runDir, '..', '..'), log);
}

/** The `because` of a skipped step in words. */
export function skipReason(because: string): string {
  return because === CANCELLED ? because : `because of ${because}`;
}

/** The first event of a run; undefined when there is none. */
export function startOf(events: readonly TimedEvent[]): Extract<TimedEvent, { type: 'run-started' }> | undefined {
  return events.find((event) => event.type === 'run-started');
}
