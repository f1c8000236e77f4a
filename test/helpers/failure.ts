import { failureOf, type Failure, type FailureKind, type FailureOf } from '../../pipeline/run/failure.ts';

/** The failure that a promise rejects with; throws when it does not reject. */
async function failureIn(work: Promise<unknown>): Promise<Failure> {
  let value: unknown;
  try {
    value = await work;
  } catch (thrown) {
    return failureOf(thrown);
  }
  throw new Error(`did not fail, but gave ${String(value)}`);
}

/** Like failureIn, and it must be of this kind. */
export async function failureOfKind<K extends FailureKind>(kind: K, work: Promise<unknown>): Promise<FailureOf<K>> {
  const failure = await failureIn(work);
  if (failure.kind !== kind) throw new Error(`${failure.kind} instead of ${kind}: ${JSON.stringify(failure)}`);
  return failure as FailureOf<K>;
}
