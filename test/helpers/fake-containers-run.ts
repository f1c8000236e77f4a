import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { pack } from 'tar-stream';
import { OUTPUT_LIMITS } from '../../pipeline/tools/docker/archive-members.ts';
import { readArchive } from '../../pipeline/tools/docker/archive.ts';
import { cancellable, orStopped } from '../../pipeline/tools/docker/cancel.ts';
import { MAX_PROCESSES, memoryLimit, UID } from '../../pipeline/tools/docker/container-options.ts';
import type { Identity } from '../../pipeline/tools/docker/labels.ts';
import { labelsFor } from '../../pipeline/tools/docker/labels.ts';
import { LineSplitter } from '../../pipeline/tools/docker/lines.ts';
import { checkPlaces, placesOf } from '../../pipeline/tools/docker/places.ts';
import { ProcessLimit } from '../../pipeline/tools/docker/process-limit.ts';
import { Tail } from '../../pipeline/tools/docker/tail.ts';
import { startWatchdog } from '../../pipeline/tools/docker/watchdog.ts';
import type { Failure } from '../../pipeline/run/failure.ts';
import { FactoryError } from '../../pipeline/run/failure.ts';
import type { RunHooks, RunSpec } from '../../pipeline/tools/tools.ts';
import type { FakeContainer, FakeEngine, FakeFile, Program } from './fake-containers-engine.ts';

interface Made {
  readonly path: string;
  readonly bytes: Buffer;
  readonly type: 'file' | 'symlink' | 'fifo';
}

/** Runs the behaviour of an image the way the engine runs a command: same checks, same failures, same order. */
export async function fakeRun(engine: FakeEngine, identity: Identity, spec: RunSpec, hooks: RunHooks): Promise<void> {
  await cancellable(hooks.signal, async (stop) => {
    const image = engine.findImage(spec.image);
    if (image === undefined) throw fail({ kind: 'SourceMissing', source: spec.image, detail: 'No such image' });
    const labels = labelsFor(identity, 'container', spec.step);
    for (const volume of Object.values(spec.volumes)) {
      if (!engine.volumes.has(volume)) engine.volumes.set(volume, labelsFor(identity, 'volume', spec.step));
    }
    const container: FakeContainer = { id: engine.nextId(), labels, gone: new AbortController() };
    engine.containers.set(container.id, container);
    try {
      const files = await readInputs(spec);
      stop.signal.throwIfAborted();
      const made = await execute(image.program, container, files, spec, hooks, stop);
      const tar = { name: `/out of ${spec.step}`, root: 'out' };
      await readArchive(packOutputs(made), tar, OUTPUT_LIMITS, (file) => hooks.onOutput(file));
    } finally {
      engine.remove(container);
    }
  });
}

async function readInputs(spec: RunSpec): Promise<Map<string, FakeFile>> {
  const files = new Map<string, FakeFile>();
  checkPlaces(spec);
  for (const { path, mode, bytes } of spec.files) {
    const read = Buffer.isBuffer(bytes) ? bytes : await buffer(await bytes.open());
    if (!Buffer.isBuffer(bytes) && read.length !== bytes.size) throw new Error('Size mismatch');
    files.set(path, { bytes: read, mode, uid: UID[spec.user] });
  }
  return files;
}

/** The nodes that every container has, and those that the spec puts over them. */
function nodesFor({ devices = {} }: RunSpec): Map<string, string> {
  const host = new Map(Object.entries({ '/dev/null': '1:3', '/dev/random': '1:8', '/dev/urandom': '1:9' }));
  const nodes = new Map(host);
  for (const [path, from] of Object.entries(devices)) {
    const node = host.get(from);
    if (node === undefined) throw new Error(`error gathering device information while adding custom device "${from}"`);
    nodes.set(path, node);
  }
  return nodes;
}

/** The user owns the directories that are there for it; root can write everywhere that is not read-only. */
function canWrite(spec: RunSpec, dir: string): boolean {
  if (dir in spec.tmpfs) return true;
  const place = placesOf(spec).find(({ path }) => path === dir);
  if (spec.writableRoot !== undefined) return spec.user === 'root' || place !== undefined;
  return place !== undefined && !place.readOnly;
}

async function execute(
  program: Program,
  container: FakeContainer,
  files: ReadonlyMap<string, FakeFile>,
  spec: RunSpec,
  hooks: RunHooks,
  stop: AbortController,
): Promise<Made[]> {
  const { step, idleSeconds: seconds } = spec;
  const tail = new Tail();
  const splitter = (stream: 'stdout' | 'stderr'): LineSplitter =>
    new LineSplitter((line) => {
      tail.push(line);
      hooks.onLine(stream, line);
      if (processes.line(line)) stop.abort(processes.failure(tail.lines()));
    });
  const splitters = { stdout: splitter('stdout'), stderr: splitter('stderr') };
  const made: Made[] = [];
  const processes = new ProcessLimit(step);
  const kernel = { oom: false };
  const killed = new AbortController();
  const gone = fail({ kind: 'ContainerVanished', step, detail: 'it was removed while it ran' });
  const vanish = (): void => stop.abort(gone);
  container.gone.signal.addEventListener('abort', vanish);
  const idle = (): void => stop.abort(fail({ kind: 'ContainerIdle', step, seconds, tail: tail.lines() }));
  const watchdog = startWatchdog(seconds, idle);
  const raw = (bytes: Buffer | string, stream: 'stdout' | 'stderr' = 'stdout'): void => {
    if (stop.signal.aborted) return;
    watchdog.touch();
    splitters[stream].push(Buffer.from(bytes));
  };
  try {
    const running = Promise.resolve(
      program({
        spec,
        command: spec.command,
        env: spec.env,
        files,
        nodes: nodesFor(spec),
        canWrite: (dir) => canWrite(spec, dir),
        startProcesses: (count) => {
          for (let extra = MAX_PROCESSES; extra <= count; extra++)
            raw('bash: fork: retry: Resource temporarily unavailable\n', 'stderr');
          return count < MAX_PROCESSES;
        },
        takeMemory: (bytes) => !(kernel.oom = bytes > memoryLimit(spec, 0)),
        stdin: spec.stdin ?? Buffer.alloc(0),
        write: (line, stream) => raw(`${line}\n`, stream),
        raw,
        output: (path, bytes, type = 'file') => made.push({ path, bytes: Buffer.from(bytes), type }),
        signal: killed.signal,
      }),
    );
    const code = await orStopped(running, stop.signal);
    splitters.stdout.end();
    splitters.stderr.end();
    const crowded = code === 0 || kernel.oom ? undefined : processes.failure(tail.lines());
    if (code !== 0) throw crowded ?? fail({ kind: 'ContainerExit', step, code, oom: kernel.oom, tail: tail.lines() });
  } finally {
    container.gone.signal.removeEventListener('abort', vanish);
    watchdog.stop();
    killed.abort();
  }
  return made;
}

function packOutputs(made: readonly Made[]): Readable {
  const tar = pack();
  tar.entry({ name: 'out/', type: 'directory' });
  for (const { path, bytes, type } of made) {
    if (type === 'file') tar.entry({ name: `out/${path}` }, bytes);
    else tar.entry({ name: `out/${path}`, type, linkname: type === 'symlink' ? bytes.toString() : '' });
  }
  tar.finalize();
  return Readable.from(tar, { objectMode: false });
}

function fail(failure: Failure): FactoryError {
  return new FactoryError(failure);
}
