import type { Emit } from './events.ts';
import type { Failure } from './failure.ts';
import type { RunOutcome, Settled } from './outcome.ts';
import type { StepRecord } from './record.ts';
import { isUnavailable, mergeUnavailable } from './unavailable.ts';

/** What became of the steps so far, and the events that say so. A step that is made twice has its newest record here. */
export class Tally {
  readonly #emit: Emit;
  readonly #records = new Map<string, StepRecord>();
  readonly #failures: { step: string; failure: Failure }[] = [];
  readonly #skipped = new Set<string>();
  readonly #told = new Set<string>();

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  get records(): ReadonlyMap<string, StepRecord> {
    return this.#records;
  }

  get firstFailed(): string | undefined {
    return this.#failures[0]?.step;
  }

  /** Nothing failed so far but that inputs could not be had. */
  onlyUnavailable(): boolean {
    return this.#failures.every(({ failure }) => isUnavailable(failure));
  }

  /** A step was made (and has said so itself). */
  made(step: string, record: StepRecord): void {
    this.#records.set(step, record);
    this.#told.add(`${step} ${record.key}`);
  }

  /** A step was there. Said once: after a repair every step is looked up again. */
  cached(step: string, record: StepRecord): void {
    const told = this.#told.has(`${step} ${record.key}`);
    this.made(step, record);
    if (!told) this.#emit({ type: 'step-cached', step, record });
  }

  failed(step: string, failure: Failure, log: string | null, ms: number): Settled {
    this.#records.delete(step);
    this.#failures.push({ step, failure });
    this.#emit({ type: 'step-failed', step, failure, log, ms });
    return { ok: false, because: step };
  }

  /** Also for a step that started, met a damaged input, and cannot go on because that could not be made again. */
  skipped(step: string, because: string): Settled {
    this.#records.delete(step);
    this.#skipped.add(step);
    this.#emit({ type: 'step-skipped', step, because });
    return { ok: false, because };
  }

  outcome(): RunOutcome {
    const ok = this.#failures.length === 0 && this.#skipped.size === 0;
    return { ok, records: this.#records, failures: mergeUnavailable(this.#failures), skipped: [...this.#skipped] };
  }
}
