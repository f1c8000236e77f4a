import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createContainers } from '../../../pipeline/tools/docker/index.ts';
import { unavailable } from '../../../pipeline/tools/docker/errors.ts';
import type { Containers } from '../../../pipeline/tools/tools.ts';
import { failureFrom } from '../../contract/containers.use.ts';
import { answer, startFakeEngine } from './fake-engine-server.ts';

const on = (endpoint: string): Containers => createContainers({ endpoint, owner: 'o', runId: 'r' });

describe('connecting', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('learns what the engine is, once', async () => {
    await using engine = await startFakeEngine();
    const containers = on(engine.endpoint);
    const [info] = await Promise.all([containers.info(), containers.info()]);
    expect(info).toEqual({
      endpoint: engine.endpoint,
      version: '24.0.7',
      apiVersion: '1.43',
      os: 'linux',
      arch: 'amd64',
      kernel: '6',
      cpus: 4,
      memoryBytes: 1024,
      rootless: true,
    });
    expect(engine.requests).toEqual(['GET /_ping', 'GET /version', 'GET /info']);
  });

  it('does not look at DOCKER_HOST: the endpoint is passed in', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://127.0.0.1:1');
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    await using engine = await startFakeEngine();
    expect((await on(engine.endpoint).info()).version).toBe('24.0.7');
  });

  it('a missing socket: how to get an engine; and it tries again the next time', async () => {
    const home = await mkdtemp(join(tmpdir(), 'fullnat-engine-'));
    const containers = on(`unix://${home}/docker.sock`);
    const failure = await failureFrom(containers.info());
    expect(failure).toMatchObject({
      kind: 'EngineUnavailable',
      endpoint: `unix://${home}/docker.sock`,
      reason: expect.stringContaining('ENOENT') as string,
      advice: expect.stringContaining('scripts/setup.sh') as string,
    });
    await using engine = await startFakeEngine({}, undefined, home);
    expect((await containers.info()).endpoint).toBe(engine.endpoint);
  });

  it('nobody listens on a TCP port', async () => {
    expect(await failureFrom(on('tcp://127.0.0.1:1').info())).toMatchObject({
      kind: 'EngineUnavailable',
      reason: expect.stringContaining('ECONNREFUSED') as string,
      advice: expect.stringContaining('not running') as string,
    });
  });

  it('an engine that is too old', async () => {
    const version = { Version: '1.12.6', ApiVersion: '1.24', Os: 'linux', Arch: 'amd64', KernelVersion: '3.10' };
    await using engine = await startFakeEngine({ 'GET /version': answer(200, version) });
    expect(await failureFrom(on(engine.endpoint).info())).toEqual({ kind: 'EngineTooOld', have: '1.24', need: '1.40' });
  });

  it('something that is no engine', async () => {
    await using engine = await startFakeEngine({ 'GET /_ping': answer(502, 'Bad gateway') });
    expect(await failureFrom(on(engine.endpoint).info())).toMatchObject({ kind: 'EngineUnavailable' });
  });

  it.each(['ssh://user@host', 'unix://relative.sock', 'npipe:////./pipe/docker', 'nonsense', 'tcp://'])(
    'refuses %s',
    async (endpoint) => {
      const failure = await failureFrom(on(endpoint).info());
      expect(failure).toMatchObject({ kind: 'EngineUnavailable', endpoint });
      expect(failure).toHaveProperty('advice', expect.stringContaining('DOCKER_HOST'));
    },
  );

  it.each([
    ['EACCES', 'docker group'],
    ['ENOTFOUND', 'DOCKER_HOST'],
    ['ENOENT', 'scripts/setup.sh'],
    ['ECONNREFUSED', 'not running'],
    ['ECONNRESET', 'journalctl'],
  ])('%s has advice of its own', (code, advice) => {
    const { failure } = unavailable('unix:///x', Object.assign(new Error(`connect ${code}`), { code }));
    expect(failure).toHaveProperty('advice', expect.stringContaining(advice));
  });
});
