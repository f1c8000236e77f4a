import type { Container } from 'dockerode';
import type { RunHooks, RunSpec } from '../tools.ts';
import { OUTPUT_LIMITS } from './archive-members.ts';
import { readArchive } from './archive.ts';
import { cancellable } from './cancel.ts';
import type { Engine } from './connect.ts';
import { withContainer } from './container.ts';
import { execute } from './execute.ts';
import { readable } from './streams.ts';

/** Files in, one command, every line, files out; the container is gone afterwards, whatever happened. */
export async function run(engine: Engine, spec: RunSpec, hooks: RunHooks): Promise<void> {
  const note = (line: string): void => hooks.onLine('stderr', line);
  await cancellable(hooks.signal, (stop) =>
    withContainer(engine, spec, { interactive: false, tty: false, note, signal: stop.signal }, async (container) => {
      stop.signal.throwIfAborted();
      await execute(engine, container, spec, (stream, line) => hooks.onLine(stream, line), stop);
      await collectOutputs(container, spec, hooks, stop.signal);
    }),
  );
}

async function collectOutputs(
  container: Container,
  spec: RunSpec,
  hooks: RunHooks,
  signal: AbortSignal,
): Promise<void> {
  const tar = await container.getArchive({ path: '/out', abortSignal: signal });
  await readArchive(readable(tar), { name: `/out of ${spec.step}`, root: 'out' }, OUTPUT_LIMITS, (file) =>
    hooks.onOutput(file),
  );
}
