import type { Artifact } from '../plan/artifact.ts';
import type { Resolved, Stages, StageName, StepOf } from '../plan/step.ts';
import type { Emit } from '../run/events.ts';
import type { PastStep } from '../run/history.ts';
import type { Facts, StepRecord } from '../run/record.ts';
import type { Tools } from '../tools/tools.ts';
import type { ScriptRun } from './script-run.ts';

/** What a stage gets to do its work. */
export interface StageContext<S extends StageName> {
  readonly step: StepOf<S>;
  readonly inputs: Resolved<Stages[S]['inputs']>;
  /** Digest over stage, version, params and inputs: the label of what this step leaves in the engine. */
  readonly key: string;
  readonly tools: Tools;
  readonly emit: Emit;
  /** A line of the step's log: to its file and as an event. */
  readonly log: (line: string, stream?: 'stdout' | 'stderr') => void;
  readonly signal: AbortSignal;
  readonly offline: boolean;
  /** Threads for make inside the container. Not in any key. */
  readonly jobs: number;
  /** Facts of the last time a step with this id was made, for estimates; undefined on the first run. */
  readonly lastFacts: Facts | undefined;
  /**
   * Everything that the inputs come from, back to the sources, in plan order: for stages that write down where things come
   * from. Not in the key. The digests of the inputs are, and these records are a true account of how exactly those bytes
   * came to be. A cached output therefore tells the history that it was made with, which is not always the only possible
   * one: a producer that was made anew, in another way but with the same bytes, does not make its consumers run again. Only
   * what is the same on every machine may be taken from a record (identity, outputs): no times, no run ids.
   */
  readonly history: readonly PastStep[];
}

export interface StageResult {
  readonly outputs: readonly Artifact[];
  readonly facts?: Facts;
}

/** The code that can run one kind of step. Bump `version` when the same params would now make other bytes. */
export interface Stage<S extends StageName> {
  readonly name: S;
  readonly version: number;
  /** `heavy` steps keep all cores busy and share the job slots; `light` ones run beside them. */
  readonly weight: 'light' | 'heavy';
  run(context: StageContext<S>): Promise<StageResult>;
  /** The container in which the step does its work, for `factory shell`; stages without one have nothing to open. */
  container?(context: StageContext<S>): Promise<ScriptRun>;
  /**
   * For outputs that are more than bytes in the store (an image in the engine, a directory, a pointer): is it still there?
   * Called for a cache hit when somebody is about to use the outputs (`use`), or when the step is a target (`target`). A text:
   * it is, but the step has to run again for that reason.
   */
  present?(record: StepRecord, tools: Tools, why: 'use' | 'target'): Promise<boolean | string>;
}

/** One stage per name: adding a name to `Stages` without code for it does not compile. */
export type StageTable = { readonly [S in StageName]: Stage<S> };
