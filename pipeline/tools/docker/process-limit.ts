import { FactoryError } from '../../run/failure.ts';
import { MAX_PROCESSES } from './container-options.ts';

/** How bash, make, perl and rpm say that there may be no further process. */
const REFUSED = /(\bv?fork\b|\bclone\b|\bpthread_create\b).*Resource temporarily unavailable/i;
/** Some of these a build survives, because its shell tries again. */
const TOLERATED = 20;

/** Notices from its output that a container has as many processes as it may have; the engine does not tell. */
export class ProcessLimit {
  readonly #step: string;
  #refusals = 0;

  constructor(step: string) {
    this.#step = step;
  }

  /** Takes a line of output; true when there is no hope that it ends by itself. */
  line(line: string): boolean {
    if (REFUSED.test(line)) this.#refusals += 1;
    return this.#refusals > TOLERATED;
  }

  /** Why a container that ended badly, or has to be ended, did so; undefined when it was something else. */
  failure(tail: readonly string[]): FactoryError | undefined {
    if (this.#refusals === 0) return undefined;
    return new FactoryError({ kind: 'TooManyProcesses', step: this.#step, limit: MAX_PROCESSES, tail });
  }
}
