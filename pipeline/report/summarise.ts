import type { TimedEvent } from '../run/events.ts';
import { describe, tailOf } from './describe.ts';
import { relativeLog, skipReason, startOf } from './summary.ts';
import type { ArtifactSummary, FailureSummary, PhaseSummary, RunSummary, StepSummary } from './summary.ts';

type EventOf<T extends TimedEvent['type']> = Extract<TimedEvent, { type: T }>;
type Ending = EventOf<'step-cached' | 'step-made' | 'step-failed' | 'step-skipped'>;

/**
 * The summary of a run from its events (as in events.jsonl: `log` events are not needed). `tails` gives the last output
 * of failed steps; without it the failure's own tail is taken. Throws a RangeError when there is no `run-started`.
 */
export function summarise(
  events: readonly TimedEvent[],
  tails: ReadonlyMap<string, readonly string[]> = new Map(),
): RunSummary {
  const start = startOf(events);
  if (start === undefined) throw new RangeError('the events of a run begin with run-started');
  const finish = events.find((event) => event.type === 'run-finished');
  const endings = start.steps.flatMap(({ id }) => endingOf(eventsOf(events, id)) ?? []);
  return {
    schema: 1,
    recipe: start.recipe,
    runId: start.runId,
    startedAt: new Date(start.at).toISOString(),
    ms: finish?.ms ?? (events.at(-1)?.at ?? start.at) - start.at,
    ok: finish?.ok ?? false,
    finished: finish !== undefined,
    steps: start.steps.map((step) => stepSummary(step, eventsOf(events, step.id), start)),
    artifacts: endings.flatMap(artifactsOf),
    failures: endings.flatMap((event): FailureSummary[] => {
      if (event.type !== 'step-failed') return [];
      const { step, failure } = event;
      const log = relativeLog(event.log, start.runDir);
      return [{ step, kind: failure.kind, ...describe(failure), tail: tails.get(step) ?? tailOf(failure), log }];
    }),
    notes: events.flatMap((event) =>
      event.type === 'note' ? [{ level: event.level, message: event.message, step: event.step }] : [],
    ),
  };
}

function eventsOf(events: readonly TimedEvent[], step: string): TimedEvent[] {
  return events.filter((event) => 'step' in event && event.step === step);
}

function stepSummary(
  step: { readonly id: string; readonly title: string; readonly stage: string },
  events: readonly TimedEvent[],
  start: EventOf<'run-started'>,
): StepSummary {
  const { id, title, stage } = step;
  const started = events.findLast((event) => event.type === 'step-started');
  const ending = endingOf(events);
  const last = events.at(-1);
  const endMs = (ending ?? last ?? start).at - start.at;
  const startMs = started === undefined ? endMs - tookOf(ending) : started.at - start.at;
  const ran = ending === undefined ? started !== undefined : ['step-made', 'step-failed'].includes(ending.type);
  return {
    id,
    title,
    stage,
    state: stateOf(ending),
    startMs: Math.max(0, startMs),
    ms: ran ? endMs - Math.max(0, startMs) : 0,
    recordedMs: ending?.type === 'step-cached' ? ending.record.ms : null,
    why: ending?.type === 'step-skipped' ? skipReason(ending.because) : (started?.why ?? ''),
    facts: ending?.type === 'step-made' || ending?.type === 'step-cached' ? ending.record.facts : {},
    log: relativeLog(logOf(ending) ?? started?.log ?? null, start.runDir),
    phases: phases(events, start.at, endMs),
  };
}

/** The last one: a step whose output turned out to be damaged is made again in the same run. */
function endingOf(events: readonly TimedEvent[]): Ending | undefined {
  return events.findLast(isEnding);
}

function artifactsOf(ending: Ending): ArtifactSummary[] {
  if (ending.type !== 'step-made' && ending.type !== 'step-cached') return [];
  const { step, record } = ending;
  return record.outputs.map(({ name, size, digest, kind }) => ({ name, size, digest, kind, step }));
}

function isEnding(event: TimedEvent): event is Ending {
  return ['step-cached', 'step-made', 'step-failed', 'step-skipped'].includes(event.type);
}

/** A step without an ending was not reached, or the process was killed during it. */
function stateOf(ending: Ending | undefined): StepSummary['state'] {
  if (ending === undefined) return 'skipped';
  switch (ending.type) {
    case 'step-cached':
      return 'cached';
    case 'step-made':
      return 'made';
    case 'step-failed':
      return 'failed';
    case 'step-skipped':
      return 'skipped';
  }
}

function tookOf(ending: Ending | undefined): number {
  if (ending?.type === 'step-made') return ending.record.ms;
  return ending?.type === 'step-failed' ? ending.ms : 0;
}

function logOf(ending: Ending | undefined): string | null {
  if (ending?.type === 'step-made' || ending?.type === 'step-cached') return ending.record.log;
  return ending?.type === 'step-failed' ? ending.log : null;
}

/** Each phase lasts from its first progress event to the next phase or the end of the step. */
function phases(events: readonly TimedEvent[], runStart: number, endMs: number): PhaseSummary[] {
  const firsts = events
    .filter((event) => event.type === 'step-progress')
    .filter((event, index, all) => event.phase !== all[index - 1]?.phase);
  return firsts.map((event, index) => {
    const startMs = event.at - runStart;
    const next = firsts[index + 1];
    return { name: event.phase, startMs, ms: (next === undefined ? endMs : next.at - runStart) - startMs };
  });
}
