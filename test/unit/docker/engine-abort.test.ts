import { describe, expect, it } from 'vitest';
import { createContainers } from '../../../pipeline/tools/docker/index.ts';
import { failureFrom } from '../../contract/containers.use.ts';
import { answer, startFakeEngine } from './fake-engine-server.ts';

/** Every place where an engine may keep us waiting. */
describe('an abort', () => {
  it.each(['PUT /containers/c1/archive', 'POST /containers/c1/wait', 'POST /containers/c1/start', 'nothing'])(
    'ends a run that waits for %s, and removes the container',
    async (stuck) => {
      const controller = new AbortController();
      await using engine = await startFakeEngine({
        'POST /containers/c1/start': (_, response) => {
          response.writeHead(204).end();
          if (stuck === 'nothing') controller.abort();
        },
        [stuck]: (request) => {
          request.resume();
          controller.abort();
        },
      });
      const containers = createContainers({ endpoint: engine.endpoint, owner: 'o', runId: 'r' });
      const run = containers.run(
        {
          step: 's',
          image: 'i',
          command: ['true'],
          env: {},
          user: 'builder',
          network: 'none',
          files: [{ path: 'in/a', mode: 0o644, bytes: Buffer.alloc(1_000_000) }],
          tmpfs: {},
          writableRoot: 'no volumes on this engine',
          volumes: {},
          idleSeconds: 60,
        },
        { onLine: () => undefined, onOutput: () => Promise.resolve(), signal: controller.signal },
      );
      expect(await failureFrom(run)).toEqual({ kind: 'Cancelled' });
      expect(engine.requests.at(-1)).toBe('DELETE /containers/c1');
    },
  );

  it('ends a pull', async () => {
    const controller = new AbortController();
    await using engine = await startFakeEngine({
      'POST /images/create': (_, response) => {
        response.writeHead(200).write('{"status":"Waiting"}\n');
      },
      'GET /images/i/json': answer(404, {}),
    });
    const containers = createContainers({ endpoint: engine.endpoint, owner: 'o', runId: 'r' });
    const pulling = containers.pull('i', 'sha256:d', { onLine: () => controller.abort(), signal: controller.signal });
    expect(await failureFrom(pulling)).toEqual({ kind: 'Cancelled' });
  });
});
