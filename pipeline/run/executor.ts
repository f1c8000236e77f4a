import pLimit, { type LimitFunction } from 'p-limit';
import type { StageName, Step } from '../plan/step.ts';
import type { Stage } from '../stages/stage.ts';
import { checkCache } from './cache-check.ts';
import { failureOf, type Failure } from './failure.ts';
import { CANCELLED, type ExecuteDeps, type RunOutcome, type Settled } from './outcome.ts';
import { prepare, type Prepared } from './prepare.ts';
import { absentProducers, corruptProducers, sameOutputs } from './repair.ts';
import { runStep, type Ran } from './run-step.ts';
import { producersOf, type Selection } from './select.ts';
import { Tally } from './tally.ts';
import { bringsInput } from './unavailable.ts';

/** Why a climb did not reach the top, with what a failure event needs if this is the end. */
interface Trouble {
  readonly failure: Failure;
  readonly log: string | null;
  readonly ms: number;
}

/** The end of one climb up the ladder. */
type Climbed =
  | { readonly next: 'done'; readonly settled: Settled }
  /** Inputs changed on the way: start again from the bottom, with what is there now. */
  | { readonly next: 'climb' }
  /** Outputs of these steps cannot be used: make them again, then climb once more. */
  | {
      readonly next: 'repair';
      readonly producers: readonly string[];
      readonly epoch: number;
      readonly trouble: Trouble;
    };

/**
 * One run of a selection. A memoised promise per step is the scheduler; slots limit what runs at a time. Digests of a step
 * that is made again may change: the epoch counts that, and nobody acts on what was learned in an earlier epoch. There are
 * never more epochs than steps, because a step is made again at most once.
 */
export class Executor {
  readonly #deps: ExecuteDeps;
  readonly #selection: Selection;
  readonly #steps: ReadonlyMap<string, Step>;
  readonly #slots: Readonly<Record<'heavy' | 'light', LimitFunction>>;
  readonly #tally: Tally;
  readonly #settled = new Map<string, Promise<Settled>>();
  /** Steps that are there in this epoch; those in #settled but not here are on their way, failed or skipped. */
  readonly #there = new Set<string>();
  readonly #remade = new Map<string, Promise<Settled>>();
  #epoch = 0;

  constructor(selection: Selection, deps: ExecuteDeps) {
    this.#deps = deps;
    this.#selection = selection;
    this.#steps = new Map(selection.steps.map((step) => [step.id, step]));
    this.#slots = { heavy: pLimit(deps.jobs.heavy), light: pLimit(deps.jobs.light) };
    this.#tally = new Tally(deps.emit);
  }

  async run(): Promise<RunOutcome> {
    for (;;) {
      const epoch = this.#epoch;
      await Promise.all(this.#selection.steps.map(({ id }) => this.#settle(id)));
      if (epoch === this.#epoch) return this.#tally.outcome();
    }
  }

  #settle(id: string): Promise<Settled> {
    const known = this.#settled.get(id);
    if (known !== undefined) return known;
    const promise = this.#bring(this.#step(id));
    this.#settled.set(id, promise);
    return promise;
  }

  /** Brings a step to its end. Never rejects. `forced`: run it even if the ledger has it, for this reason. */
  async #bring(step: Step, forced?: string): Promise<Settled> {
    let repaired = false;
    try {
      for (;;) {
        const climbed = await this.#climb(step, forced);
        if (climbed.next === 'done') return climbed.settled;
        if (climbed.next === 'climb' || climbed.epoch !== this.#epoch) continue;
        // Once: what cannot be used right after it was made will not get better.
        if (repaired) return this.#fail(step, climbed.trouble);
        repaired = true;
        const remade = await Promise.all(climbed.producers.map((id) => this.#remake(id, step)));
        const broken = remade.find((settled) => !settled.ok);
        if (broken?.ok === false) return this.#tally.skipped(step.id, broken.because);
      }
    } catch (thrown) {
      return this.#fail(step, { failure: failureOf(thrown), log: null, ms: 0 });
    }
  }

  /** The ladder: each rung is an exit, and after each slow one it is asked again whether going on makes sense. */
  async #climb(step: Step, forced?: string): Promise<Climbed> {
    const epoch = this.#epoch;
    const stage: Stage<StageName> = this.#deps.stages[step.stage];

    const inputs = await Promise.all(producersOf(step).map((id) => this.#settle(id)));
    if (epoch !== this.#epoch) return { next: 'climb' };
    const broken = inputs.find((settled) => !settled.ok);
    if (broken?.ok === false) return done(this.#tally.skipped(step.id, broken.because));
    if (this.#deps.signal.aborted) return done(this.#tally.skipped(step.id, CANCELLED));

    const prepared = prepare(step, stage.version, this.#steps, this.#tally.records);
    const isTarget = this.#selection.targets.has(step.id);
    const cached = forced === undefined ? await checkCache(prepared, stage, isTarget, this.#deps) : { why: forced };
    if (epoch !== this.#epoch) return { next: 'climb' };
    if (cached.record !== undefined) {
      this.#tally.cached(step.id, cached.record);
      return this.#isThere(step);
    }

    return this.#slots[stage.weight](async (): Promise<Climbed> => {
      if (epoch !== this.#epoch) return { next: 'climb' };
      const stop = this.#stopReason(step);
      if (stop !== undefined) return done(this.#tally.skipped(step.id, stop));

      const absent = await absentProducers(step, this.#tally.records, this.#steps, this.#deps);
      if (epoch !== this.#epoch) return { next: 'climb' };
      if (absent.length > 0) return { next: 'repair', producers: absent, epoch, trouble: stillGone(step, absent) };

      const ran = await runStep(prepared, stage, cached.why, this.#deps);
      if (!ran.ok) return this.#repairOrFail(prepared, ran, epoch);
      this.#tally.made(step.id, ran.record);
      // Made of inputs that were replaced meanwhile: good, and in the ledger, but maybe not what is wanted now.
      return epoch === this.#epoch ? this.#isThere(step) : { next: 'climb' };
    });
  }

  /** A damaged input is not this step's fault: whoever made it makes it again. */
  async #repairOrFail({ step, history }: Prepared, ran: Extract<Ran, { ok: false }>, epoch: number): Promise<Climbed> {
    const failure: Failure = this.#deps.signal.aborted ? { kind: 'Cancelled' } : failureOf(ran.thrown);
    const trouble = { failure, log: ran.log, ms: ran.ms };
    if (failure.kind === 'StoreCorrupt') {
      const producers = await corruptProducers(step, history, this.#deps.tools.store);
      if (producers.length > 0) return { next: 'repair', producers, epoch, trouble };
    }
    return done(this.#fail(step, trouble));
  }

  /** Makes a step again for a consumer that cannot use what there is; consumers of the same run share it. */
  #remake(id: string, neededBy: Step): Promise<Settled> {
    const known = this.#remade.get(id);
    if (known !== undefined) return known;
    const reason = `${neededBy.id} needs it and its outputs are damaged or gone`;
    this.#deps.emit({ type: 'note', level: 'warning', message: `${id} is made again: ${reason}`, step: id });
    this.#there.delete(id);
    const promise = this.#again(this.#step(id), `forced: ${reason}`);
    this.#remade.set(id, promise);
    this.#settled.set(id, promise);
    return promise;
  }

  async #again(step: Step, why: string): Promise<Settled> {
    const before = this.#tally.records.get(step.id);
    const settled = await this.#bring(step, why);
    if (!settled.ok || !sameOutputs(before, this.#tally.records.get(step.id))) this.#newEpoch();
    return settled;
  }

  /** Forgets who is there (a look into the ledger brings most of them back); who is on the way notices by itself. */
  #newEpoch(): void {
    this.#epoch += 1;
    for (const id of this.#there) this.#settled.delete(id);
    this.#there.clear();
  }

  #isThere(step: Step): Climbed {
    this.#there.add(step.id);
    return done({ ok: true });
  }

  #stopReason(step: Step): string | undefined {
    if (this.#deps.signal.aborted) return CANCELLED;
    if (this.#deps.keepGoing) return undefined;
    // Whoever lacks one input wants to hear of all that are lacking.
    return bringsInput(step) && this.#tally.onlyUnavailable() ? undefined : this.#tally.firstFailed;
  }

  #fail(step: Step, { failure, log, ms }: Trouble): Settled {
    return this.#tally.failed(step.id, failure, log, ms);
  }

  #step(id: string): Step {
    const step = this.#steps.get(id);
    if (step === undefined) throw new Error(`no step ${id} in the selection`);
    return step;
  }
}

function done(settled: Settled): Climbed {
  return { next: 'done', settled };
}

function stillGone(step: Step, producers: readonly string[]): Trouble {
  const message = `${step.id}: outputs of ${producers.join(', ')} are gone right after they were made`;
  return { failure: { kind: 'Internal', message, stack: new Error(message).stack ?? '' }, log: null, ms: 0 };
}
