import { join } from 'node:path';
import { createBus, type Emit, type Reporter } from '../run/events.ts';
import { execute } from '../run/execute.ts';
import { EXIT, exitCodeOf } from '../run/exit-code.ts';
import type { Ledger } from '../run/ledger.ts';
import type { RunOutcome } from '../run/outcome.ts';
import { createRunLogs, type LogSink } from '../run/run-log.ts';
import { selectSteps } from '../run/select.ts';
import { stages } from '../stages/index.ts';
import { acquireLock } from '../tools/lock.ts';
import { maskEvents } from '../tools/mask.ts';
import { createReporters } from './reporters.ts';
import type { Session } from './session.ts';
import { sweepDeadRun } from './sweep.ts';

/** What to run: step ids, and a ledger other than the session's where some records shall not count. */
export interface Choice {
  readonly only: readonly string[];
  readonly ledger?: Ledger;
}

/** Runs steps of the session's plan under the artifacts lock, watched by all reporters. Failures: LockHeld, Usage. */
export async function runSteps(session: Session, choice: Choice): Promise<RunOutcome> {
  return withLock(session, async (tookOver) => {
    const runDir = join(session.artifacts.runs, session.runId);
    const reporters = await createReporters(session, runDir);
    const emit = maskEvents(createBus(reporters), session.mask);
    try {
      if (tookOver) await sweep(session, emit);
      return await run(session, choice, runDir, emit);
    } finally {
      await closeAll(reporters);
    }
  });
}

/** Closes all of them, even when one cannot write its file: the terminal has to be left in order. */
async function closeAll(reporters: readonly Reporter[]): Promise<void> {
  const closed = await Promise.allSettled(reporters.map(async (reporter) => reporter.close?.()));
  const broken = closed.find((one) => one.status === 'rejected');
  if (broken !== undefined) throw broken.reason;
}

/** Holds the artifacts lock while `work` runs. `tookOver`: the holder before died without releasing it. */
export async function withLock<T>(session: Session, work: (tookOver: boolean) => Promise<T>): Promise<T> {
  const command = ['factory', ...session.world.argv].join(' ');
  const lock = await acquireLock(session.artifacts.lock, { command, now: new Date() });
  try {
    return await work(lock.tookOver);
  } finally {
    await lock.release();
  }
}

/** The exit code of a run: that of its first failure. */
export function exitCodeOfRun(outcome: RunOutcome): number {
  const [first] = outcome.failures;
  if (first !== undefined) return exitCodeOf(first.failure);
  return outcome.ok ? EXIT.ok : EXIT.cancelled;
}

async function run(session: Session, choice: Choice, runDir: string, emit: Emit): Promise<RunOutcome> {
  const { artifacts, options, plan, runId, tools, world, mask } = session;
  const started = Date.now();
  const { steps } = selectSteps(plan, choice.only);
  emit({
    type: 'run-started',
    runId,
    recipe: plan.recipe,
    runDir,
    steps: steps.map(({ id, stage, title }) => ({ id, stage, title })),
  });
  for (const step of steps)
    if (step.stage === 'fetch-http' && step.params.sha256 === null && !step.hints.vouched)
      emit({
        type: 'note',
        level: 'warning',
        message: `${step.params.file} is not locked: nothing says what its bytes should be (factory lock records them)`,
        step: step.id,
      });
  const sinks = await createRunLogs(artifacts.root, runId);
  const outcome = await execute(plan, {
    stages,
    tools,
    ledger: choice.ledger ?? session.ledger,
    emit,
    signal: world.signal,
    jobs: { heavy: 1, light: 4 },
    makeJobs: session.makeJobs,
    offline: options.offline,
    keepGoing: options.keepGoing,
    only: choice.only,
    logSink: (step) => masked(sinks(step), mask),
    runId,
  });
  emit({ type: 'run-finished', ok: outcome.ok, ms: Date.now() - started, failures: outcome.failures });
  return outcome;
}

function masked(sink: LogSink, mask: (text: string) => string): LogSink {
  return { path: sink.path, write: (stream, line) => sink.write(stream, mask(line)), close: () => sink.close() };
}

async function sweep(session: Session, emit: Emit): Promise<void> {
  const removed = await sweepDeadRun(session);
  const what = removed.length === 0 ? 'nothing was left over' : `removed ${removed.join(', ')}`;
  emit({ type: 'note', level: 'info', step: null, message: `the run before ended without cleaning up: ${what}` });
}
