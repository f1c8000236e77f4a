import type { StageName } from '../plan/step.ts';
import type { Stage } from '../stages/stage.ts';
import type { Tools } from '../tools/tools.ts';
import type { Emit } from './events.ts';
import type { Ledger } from './ledger.ts';
import type { Prepared } from './prepare.ts';
import type { StepRecord } from './record.ts';
import type { LogSink } from './run-log.ts';

/** What running one step needs from the run. */
export interface StepDeps {
  readonly tools: Tools;
  readonly ledger: Ledger;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Threads for make inside a container. */
  readonly makeJobs: number;
  readonly offline: boolean;
  readonly logSink: (stepId: string) => LogSink;
  readonly runId: string;
}

/** How one attempt at a step ended. */
export type Ran =
  | { readonly ok: true; readonly record: StepRecord }
  | { readonly ok: false; readonly thrown: unknown; readonly log: string | null; readonly ms: number };

/**
 * Runs a step's stage once and records what it made. Emits step-started and step-made; what was thrown is returned, because
 * whether it is the end of the step is decided by the caller. The log is closed in any case.
 */
export async function runStep(prepared: Prepared, stage: Stage<StageName>, why: string, deps: StepDeps): Promise<Ran> {
  const { step, key, identity } = prepared;
  const started = Date.now();
  const sink = deps.logSink(step.id);
  deps.emit({ type: 'step-started', step: step.id, why, log: sink.path });

  const closed = await withLog(sink, async () => {
    const last = await deps.ledger.latest(step.id);
    deps.signal.throwIfAborted();
    return stage.run({
      step,
      inputs: prepared.inputs,
      key,
      tools: deps.tools,
      emit: deps.emit,
      log(line, stream = 'stdout') {
        sink.write(stream, line);
        deps.emit({ type: 'log', step: step.id, stream, line });
      },
      signal: deps.signal,
      offline: deps.offline,
      jobs: deps.makeJobs,
      lastFacts: last?.facts,
      history: prepared.history,
    });
  });
  const ms = Date.now() - started;
  if (!closed.ok) return { ...closed, ms };

  const record: StepRecord = {
    schema: 1,
    key,
    step: step.id,
    identity,
    outputs: closed.value.outputs,
    facts: closed.value.facts ?? {},
    startedAt: new Date(started).toISOString(),
    ms,
    log: closed.log,
    runId: deps.runId,
  };
  try {
    await deps.ledger.put(record);
  } catch (thrown) {
    return { ok: false, thrown, log: closed.log, ms };
  }
  deps.emit({ type: 'step-made', step: step.id, record });
  return { ok: true, record };
}

type Logged<T> =
  | { readonly ok: true; readonly value: T; readonly log: string | null }
  | { readonly ok: false; readonly thrown: unknown; readonly log: string | null };

/** A log that cannot be written fails the step too, unless something went wrong before. */
async function withLog<T>(sink: LogSink, work: () => Promise<T>): Promise<Logged<T>> {
  const worked = await settle(work());
  const closed = await settle(sink.close());
  const log = closed.ok && closed.value === 0 ? null : sink.path;
  if (!worked.ok) return { ...worked, log };
  return closed.ok ? { ...worked, log } : { ...closed, log };
}

async function settle<T>(
  work: Promise<T>,
): Promise<{ readonly ok: true; readonly value: T } | { readonly ok: false; readonly thrown: unknown }> {
  try {
    return { ok: true, value: await work };
  } catch (thrown) {
    return { ok: false, thrown };
  }
}
