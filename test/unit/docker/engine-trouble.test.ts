import { describe, expect, it } from 'vitest';
import { createContainers } from '../../../pipeline/tools/docker/index.ts';
import type { BuildImageSpec, Containers, RunHooks, RunSpec } from '../../../pipeline/tools/tools.ts';
import { failureFrom } from '../../contract/containers.use.ts';
import type { FakeEngineServer, Route } from './fake-engine-server.ts';
import { answer, startFakeEngine } from './fake-engine-server.ts';

const never = new AbortController().signal;
const on = (engine: FakeEngineServer): Containers =>
  createContainers({ endpoint: engine.endpoint, owner: 'o', runId: 'r', buildIdleSeconds: 0.2 });
const spec: RunSpec = {
  step: 'step:one',
  image: 'sha256:x',
  command: ['true'],
  env: {},
  user: 'builder',
  network: 'none',
  files: [{ path: 'in/a', mode: 0o644, bytes: Buffer.alloc(100_000) }],
  tmpfs: {},
  writableRoot: 'no volumes on this engine',
  volumes: {},
  idleSeconds: 5,
};
const build: BuildImageSpec = { name: 'img', tag: 'img:1', files: [], buildArgs: {}, labels: {} };
const full = answer(500, { message: 'write /var/lib/docker/x: no space left on device' });

function hooks(lines: string[] = [], signal = never): RunHooks {
  return { onLine: (_, line) => lines.push(line), onOutput: () => Promise.resolve(), signal };
}

function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, Buffer.byteLength(text)]), Buffer.from(text)]);
}

/** Streams build events; keeps the answer open when `open`. */
function events(list: readonly object[], open = false): Route {
  return (request, response) => {
    request.resume();
    response.writeHead(200);
    for (const event of list) response.write(`${JSON.stringify(event)}\r\n`);
    if (!open) response.end();
  };
}

describe('trouble with the engine', () => {
  it.each(['POST /containers/create', 'PUT /containers/c1/archive', 'POST /containers/c1/start', 'POST /build'])(
    'a full disk at %s',
    async (route) => {
      await using engine = await startFakeEngine({ [route]: full });
      const containers = on(engine);
      const work =
        route === 'POST /build' ? containers.buildImage(build, () => undefined, never) : containers.run(spec, hooks());
      expect(await failureFrom(work)).toMatchObject({
        kind: 'DiskFull',
        detail: expect.stringContaining('no space left on device') as string,
      });
    },
  );

  it('the connection breaks while the container runs', async () => {
    await using engine = await startFakeEngine({}, (socket) => socket.write(frame('working\n')));
    const lines: string[] = [];
    const onLine = (_: string, line: string): void => {
      lines.push(line);
      engine.cut();
    };
    const failure = await failureFrom(on(engine).run(spec, { ...hooks(), onLine }));
    expect(failure).toMatchObject({ kind: 'ContainerVanished', step: 'step:one' });
    expect(lines[0]).toBe('working');
  });

  it('the connection breaks while inputs are uploaded', async () => {
    await using engine = await startFakeEngine({ 'PUT /containers/c1/archive': (request) => request.destroy() });
    expect(await failureFrom(on(engine).run(spec, hooks()))).toMatchObject({ kind: 'EngineUnavailable' });
    expect(engine.requests).not.toContain('POST /containers/c1/start');
    expect(engine.requests).toContain('DELETE /containers/c1');
  });

  it('the output breaks off inside a piece', async () => {
    await using engine = await startFakeEngine(
      {
        'POST /containers/c1/wait': answer(200, { StatusCode: 0 }),
        'GET /containers/c1/json': answer(200, {
          State: { Status: 'exited', ExitCode: 0, OOMKilled: false, Dead: false },
        }),
      },
      (socket) => socket.end(frame('half a line').subarray(0, 12)),
    );
    const lines: string[] = [];
    expect(await failureFrom(on(engine).run(spec, hooks(lines)))).toMatchObject({ kind: 'ContainerVanished' });
    expect(lines).toEqual(['half']);
  });

  it('a container killed for memory says so', async () => {
    await using engine = await startFakeEngine(
      {
        'POST /containers/c1/wait': answer(200, { StatusCode: 137 }),
        'GET /containers/c1/json': answer(200, {
          State: { Status: 'exited', ExitCode: 137, OOMKilled: true, Dead: false },
        }),
      },
      (socket) => socket.end(frame('last\n')),
    );
    const failure = await failureFrom(on(engine).run(spec, hooks()));
    expect(failure).toEqual({ kind: 'ContainerExit', step: 'step:one', code: 137, oom: true, tail: ['last'] });
  });

  it('a removal that fails does not hide the first failure, and is told', async () => {
    await using engine = await startFakeEngine({
      'POST /containers/c1/start': answer(500, { message: 'exec format error' }),
      'DELETE /containers/c1': answer(500, { message: 'device busy' }),
    });
    const lines: string[] = [];
    await expect(on(engine).run(spec, hooks(lines))).rejects.toThrow('exec format error');
    expect(lines).toEqual(['container c1 is left for the next sweep: device busy']);
  });

  it('a build that reports an error in its events has failed', async () => {
    const list = [
      { stream: 'Step 1/2 : FROM x\n' },
      { stream: 'Step 2/2 : RUN make\n' },
      { stream: 'cc: ' },
      { stream: 'bad\n' },
    ];
    await using engine = await startFakeEngine({
      'POST /build': events([...list, { error: 'code 2', errorDetail: { message: 'returned code 2' } }]),
    });
    const lines: string[] = [];
    const failure = await failureFrom(on(engine).buildImage(build, (line) => lines.push(line), never));
    expect(failure).toEqual({ kind: 'ImageBuildFailed', image: 'img', step: 'Step 2/2 : RUN make', tail: lines });
    expect(lines).toEqual(['Step 1/2 : FROM x', 'Step 2/2 : RUN make', 'cc: bad', 'returned code 2']);
  });

  it('a build whose disk is full', async () => {
    await using engine = await startFakeEngine({
      'POST /build': events([{ error: 'mkdir /x: no space left on device' }]),
    });
    const failure = await failureFrom(on(engine).buildImage(build, () => undefined, never));
    expect(failure).toMatchObject({ kind: 'DiskFull' });
  });

  it('a silent build is stopped', async () => {
    await using engine = await startFakeEngine({ 'POST /build': events([{ stream: 'Step 1/1 : FROM x\n' }], true) });
    const failure = await failureFrom(on(engine).buildImage(build, () => undefined, never));
    expect(failure).toEqual({ kind: 'ContainerIdle', step: 'img', seconds: 0.2, tail: ['Step 1/1 : FROM x'] });
  });

  it('a build is cancelled while it runs', async () => {
    await using engine = await startFakeEngine({ 'POST /build': events([{ stream: 'Step 1/1 : FROM x\n' }], true) });
    const controller = new AbortController();
    const failure = await failureFrom(on(engine).buildImage(build, () => controller.abort(), controller.signal));
    expect(failure).toEqual({ kind: 'Cancelled' });
  });

  it('a build whose connection breaks', async () => {
    await using engine = await startFakeEngine({ 'POST /build': events([{ stream: 'Step 1/1 : FROM x\n' }], true) });
    const failure = await failureFrom(on(engine).buildImage(build, () => engine.cut(), never));
    expect(failure).toMatchObject({ kind: 'EngineUnavailable' });
  });

  it('pulls: progress once per state, the id, and the reason when it fails', async () => {
    const states = ['Pulling fs layer', 'Downloading', 'Downloading', 'Pull complete'];
    await using good = await startFakeEngine({
      'POST /images/create': events(states.map((status) => ({ id: 'abc', status }))),
      'GET /images/name@sha256:d/json': answer(200, { Id: 'sha256:id' }),
    });
    const lines: string[] = [];
    expect(await on(good).pull('name', 'sha256:d', { onLine: (line) => lines.push(line), signal: never })).toBe(
      'sha256:id',
    );
    expect(lines).toEqual(['abc: Pulling fs layer', 'abc: Downloading', 'abc: Pull complete']);
    for (const route of [events([{ error: 'manifest unknown' }]), answer(404, { message: 'manifest unknown' })]) {
      await using bad = await startFakeEngine({ 'POST /images/create': route });
      expect(await failureFrom(on(bad).pull('name', 'sha256:d', { onLine: () => undefined, signal: never }))).toEqual({
        kind: 'AllMirrorsFailed',
        source: 'name',
        attempts: [{ url: 'name@sha256:d', reason: expect.stringContaining('manifest unknown') as string }],
      });
    }
  });
});
