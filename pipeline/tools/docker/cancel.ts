import { FactoryError } from '../../run/failure.ts';

/**
 * Runs work that can be stopped from outside (`signal`: Cancelled) or from inside (`stop.abort(new FactoryError(…))`).
 * Aborted requests fail in many ways (ECONNRESET, AbortError); the reason of the stop is what is thrown instead.
 */
export async function cancellable<T>(signal: AbortSignal, work: (stop: AbortController) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const cancel = (): void => stop.abort(new FactoryError({ kind: 'Cancelled' }));
  if (signal.aborted) cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    stop.signal.throwIfAborted();
    return await work(stop);
  } catch (error) {
    stop.signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Rejects with the reason as soon as the signal is aborted, else settles like the promise. */
export async function orStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stopped: (() => void) | undefined;
  const stop = new Promise<never>((_, reject) => {
    stopped = () => reject(signal.reason as Error);
    if (signal.aborted) stopped();
    else signal.addEventListener('abort', stopped, { once: true });
  });
  try {
    return await Promise.race([promise, stop]);
  } finally {
    if (stopped !== undefined) signal.removeEventListener('abort', stopped);
  }
}
