import type { Failure } from '../run/failure.ts';
import type { ScriptHooks } from './script-run.ts';

/** What a script, or the spec that it built, said of its own end: a failure with a code instead of a number. */
export function stepFailed(step: string): NonNullable<ScriptHooks['explain']> {
  return (error, failure): Failure | undefined => {
    if (error === undefined || failure.kind !== 'ContainerExit' || failure.oom) return undefined;
    return { kind: 'StepFailed', step, ...error, tail: failure.tail };
  };
}
