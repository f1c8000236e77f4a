import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Container } from 'dockerode';
import { FactoryError } from '../../run/failure.ts';
import type { RunHooks, RunSpec } from '../tools.ts';
import { orStopped } from './cancel.ts';
import type { Engine } from './connect.ts';
import { isConnectionError, messageOf, tolerate } from './errors.ts';
import { expectExit } from './exit.ts';
import type { Output } from './output.ts';
import { readOutput } from './output.ts';
import { ProcessLimit } from './process-limit.ts';
import { duplex } from './streams.ts';
import { startWatchdog } from './watchdog.ts';

/** How long the rest of the output may take after the exit, before it is given up. */
const DRAIN_MS = 10_000;

/** How a container ended. */
export interface Ended {
  readonly code: number;
  readonly oom: boolean;
}

/**
 * Starts a prepared container and stays with it until its exit: every line is handed on first. Throws ContainerExit for a
 * code other than 0, ContainerVanished when the container or the engine goes away; `stop` is aborted with ContainerIdle
 * when nothing is said for too long, and with TooManyProcesses when it cannot start any more.
 */
export async function execute(
  engine: Engine,
  container: Container,
  spec: RunSpec,
  onLine: RunHooks['onLine'],
  stop: AbortController,
): Promise<void> {
  const exit = await expectExit(engine.docker, container.id, stop.signal);
  const attached = await attach(container, spec.stdin !== undefined);
  const watchdog = startWatchdog(spec.idleSeconds, () => stop.abort(idle(spec, output)));
  const processes = new ProcessLimit(spec.step);
  const watched: RunHooks['onLine'] = (stream, line) => {
    onLine(stream, line);
    if (processes.line(line)) stop.abort(processes.failure(output.tail()));
  };
  const output = readOutput(attached, watched, () => watchdog.touch());
  try {
    await container.start({ abortSignal: stop.signal });
    watchdog.touch();
    if (spec.stdin !== undefined) attached.end(spec.stdin);
    await orStopped(vanishedOnError(exit.code, spec.step), stop.signal);
    await orStopped(drain(output, spec, onLine), stop.signal);
  } finally {
    watchdog.stop();
    output.close();
  }
  const { code, oom } = await howItEnded(container, spec.step);
  if (code === 0) return;
  const crowded = oom ? undefined : processes.failure(output.tail());
  throw crowded ?? new FactoryError({ kind: 'ContainerExit', step: spec.step, code, oom, tail: output.tail() });
}

/** The container's standard streams as one raw connection, to be made before the start so that nothing is missed. */
export async function attach(container: Container, stdin: boolean): Promise<Duplex> {
  const attached = await container.attach({ stream: true, hijack: true, stdin, stdout: true, stderr: true });
  return duplex(attached);
}

/** Any end of the wait other than an exit code: the container or the engine is gone. */
export async function vanishedOnError(code: Promise<number>, step: string): Promise<number> {
  try {
    return await code;
  } catch (error) {
    throw vanished(step, `waiting for its exit ended early: ${messageOf(error)}`, error);
  }
}

async function drain(output: Output, spec: RunSpec, onLine: RunHooks['onLine']): Promise<void> {
  const deadline = new AbortController();
  const late = delay(DRAIN_MS, 'late' as const, { signal: deadline.signal }).catch(() => undefined);
  const end = await Promise.race([output.ended, late]);
  deadline.abort();
  if (end === 'late')
    onLine('stderr', `the output did not end within ${DRAIN_MS / 1000} s after the exit; its end may be missing`);
  // A command may exit without reading its input, which breaks the connection on purpose.
  else if (end !== undefined && spec.stdin === undefined)
    throw vanished(spec.step, `its output broke off: ${end.message}`, end);
}

/** Exit code and out-of-memory flag; a container that is gone or going is ContainerVanished. */
export async function howItEnded(container: Container, step: string): Promise<Ended> {
  const inspected = await tolerate(container.inspect(), 404).catch((error: unknown) => {
    throw isConnectionError(error) ? vanished(step, `the engine is gone: ${messageOf(error)}`, error) : error;
  });
  if (inspected === undefined) throw vanished(step, 'it was removed while it ran');
  const { State } = inspected;
  if (State.Status === 'removing' || State.Dead) throw vanished(step, 'it was being removed while it ran');
  return { code: State.ExitCode, oom: State.OOMKilled };
}

function vanished(step: string, detail: string, cause?: unknown): FactoryError {
  return new FactoryError({ kind: 'ContainerVanished', step, detail }, { cause });
}

function idle(spec: RunSpec, output: Output): FactoryError {
  return new FactoryError({ kind: 'ContainerIdle', step: spec.step, seconds: spec.idleSeconds, tail: output.tail() });
}
