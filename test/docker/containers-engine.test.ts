import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createContainers } from '../../pipeline/tools/docker/index.ts';
import { LABEL, labelsFor, ownedBy } from '../../pipeline/tools/docker/labels.ts';
import type { RunSpec } from '../../pipeline/tools/tools.ts';
import { failureFrom, linesOf, runToEnd, start } from '../contract/containers.use.ts';
import { tinyRootfs } from '../helpers/tiny-image.ts';

/** What only a real engine can show: isolation, mounts, the terminal, leftovers. */
describe('docker engine', () => {
  const docker = new Docker({ socketPath: '/var/run/docker.sock' });
  const identity = { owner: `engine-${randomBytes(4).toString('hex')}`, runId: 'this-run' };
  const containers = createContainers(identity);
  const never = new AbortController().signal;
  const tag = `fullnat-test/${identity.owner}`;
  let image = '';

  beforeAll(async () => {
    image = await containers.importImage(await tinyRootfs(), { tag: `${tag}-tiny:1`, labels: {} }, never);
  });
  afterAll(async () => {
    for (const { Id } of await docker.listContainers({ all: true, filters: ownedBy(identity.owner, 'container') })) {
      await docker.getContainer(Id).remove({ force: true });
    }
    for (const { Id } of await docker.listImages({ filters: ownedBy(identity.owner, 'image') })) {
      await docker.getImage(Id).remove({ force: true });
    }
    for (const { Name } of (await docker.listVolumes({ filters: ownedBy(identity.owner, 'volume') })).Volumes) {
      await docker.getVolume(Name).remove();
    }
  });

  const spec = (shell: string, more: Partial<RunSpec> = {}): RunSpec => ({
    step: 'engine:test',
    image,
    command: ['/bin/bash', '-c', shell],
    env: {},
    user: 'builder',
    network: 'none',
    files: [],
    tmpfs: {},
    volumes: {},
    idleSeconds: 30,
    ...more,
  });
  const output = async (shell: string, more?: Partial<RunSpec>): Promise<string[]> =>
    linesOf(await runToEnd(containers, spec(shell, more)));

  it('gives a builder no user but 1000, no capability and no way to get one', async () => {
    const lines = await output("id -u; id -g; cat /proc/self/status | tr '\\t' ' '");
    expect(lines.slice(0, 2)).toEqual(['1000', '1000']);
    expect(lines).toContain('CapEff: 0000000000000000');
    expect(lines).toContain('CapBnd: 0000000000000000');
    expect(lines).toContain('NoNewPrivs: 1');
  });

  it('gives root only what package managers need', async () => {
    const lines = await output("id -u; cat /proc/self/status | tr '\\t' ' '", { user: 'root' });
    expect(lines[0]).toBe('0');
    // CHOWN 0, DAC_OVERRIDE 1, FOWNER 3, FSETID 4, SETGID 6, SETUID 7, SYS_CHROOT 18
    const bits = [0, 1, 3, 4, 6, 7, 18].reduce((sum, bit) => sum + 2 ** bit, 0);
    expect(lines).toContain(`CapBnd: ${bits.toString(16).padStart(16, '0')}`);
    expect(lines).toContain('NoNewPrivs: 1');
  });

  it('has no network but loopback when there is to be none', async () => {
    const interfaces = (lines: string[]): string[] => lines.slice(2).map((line) => line.split(':')[0]?.trim() ?? '');
    expect(interfaces(await output('cat /proc/net/dev'))).not.toContain('eth0');
    expect(await output('cat /proc/net/route')).toHaveLength(1);
    expect(interfaces(await output('cat /proc/net/dev', { network: 'bridge' }))).toContain('eth0');
  });

  it('has a fixed host name, an environment and exactly the command', async () => {
    expect(await output('uname -n; echo "$A"', { env: { A: 'x y' } })).toEqual(['builder', 'x y']);
    expect(await output('uname -n', { hostname: 'other' })).toEqual(['other']);
  });

  it('mounts tmpfs that the user can write and execute in, of the size asked for', async () => {
    const lines = await output(
      'cp /bin/true /build/t && /build/t && echo ran; head -c 3000000 /dev/zero > /build/big || echo full; stat -c %a /tmp',
      { tmpfs: { '/build': 2_000_000, '/tmp': 1_000_000 } },
    );
    expect(lines).toEqual(['ran', 'full', '1777']);
  });

  it('keeps volumes between runs, labelled, and writable for the builder', async () => {
    const volumes = { '/cache/one': `${identity.owner}-cache` };
    await output('echo kept > /cache/one/file', { volumes });
    expect(await output('cat /cache/one/file; stat -c %u /cache/one', { volumes })).toEqual(['kept', '1000']);
    const { Labels } = await docker.getVolume(volumes['/cache/one']).inspect();
    expect(Labels).toMatchObject(labelsFor(identity, 'volume', 'engine:test'));
    await containers.sweep();
    expect(await output('cat /cache/one/file', { volumes })).toEqual(['kept']);
  });

  it('sweeps volumes that are marked temporary, of this owner only', async () => {
    const marked = { ...labelsFor(identity, 'volume', 's'), [LABEL.temporary]: '1' };
    const [mine, other] = [`${identity.owner}-temp`, `${identity.owner}-other`];
    await docker.createVolume({ Name: mine, Labels: marked });
    await docker.createVolume({ Name: other, Labels: { ...marked, [LABEL.owner]: 'somebody else' } });
    try {
      expect((await containers.sweep()).volumes).toEqual([mine]);
    } finally {
      await docker.getVolume(other).remove();
    }
  });

  it('does not sweep a container that a person started from an image of ours', async () => {
    const own = await docker.createContainer({ Image: image, Cmd: ['/bin/true'] });
    try {
      const another = createContainers({ ...identity, runId: 'later-run' });
      expect((await another.sweep()).containers).toEqual([]);
    } finally {
      await own.remove();
    }
  });

  it('leaves directories of the image as they are and makes missing ones', async () => {
    const files = ['etc/extra', 'opt/new/file'].map((path) => ({ path, mode: 0o644, bytes: Buffer.from('x') }));
    const stats = 'stat -c "%n %u" /etc /etc/passwd /etc/extra /opt /opt/new /opt/new/file';
    expect(await output(stats, { files, writableRoot: 'to see what is made in it' })).toEqual([
      ...['/etc 0', '/etc/passwd 0', '/etc/extra 1000', '/opt 1000', '/opt/new 1000', '/opt/new/file 1000'],
    ]);
  });

  it('streams outputs that are larger than anything that should sit in memory', async () => {
    let bytes = 0;
    let most = 0;
    const big = start(containers, spec('head -c 400000000 /dev/zero > /out/big'), async (file) => {
      for await (const chunk of file.bytes as AsyncIterable<Buffer>) {
        bytes += chunk.length;
        most = Math.max(most, process.memoryUsage().arrayBuffers);
      }
    });
    await big.done;
    expect(bytes).toBe(400_000_000);
    expect(most).toBeLessThan(150_000_000);
  });

  it('aborts while outputs are read', async () => {
    const big = start(containers, spec('head -c 100000000 /dev/zero > /out/big'), async (file) => {
      big.abort();
      await buffer(file.bytes);
    });
    expect(await failureFrom(big.done)).toEqual({ kind: 'Cancelled' });
  });

  it('kills the RUN of an aborted build', async () => {
    const controller = new AbortController();
    const dockerfile = Buffer.from(`FROM ${tag}-tiny:1\nRUN echo begun; sleep 300\n`);
    const building = containers.buildImage(
      {
        name: 'slow',
        tag: `${tag}-slow:1`,
        files: [{ path: 'Dockerfile', mode: 0o644, bytes: dockerfile }],
        buildArgs: {},
        labels: {},
      },
      (line) => {
        if (line === 'begun') controller.abort();
      },
      controller.signal,
    );
    expect(await failureFrom(building)).toEqual({ kind: 'Cancelled' });
    const made = (): Promise<number> =>
      docker.listContainers({ filters: { label: [`${LABEL.owner}=${identity.owner}`] } }).then(({ length }) => length);
    await expect.poll(made, { timeout: 15_000 }).toBe(0);
  });

  it('reads a file through symbolic links', async () => {
    const dockerfile = Buffer.from(`FROM ${tag}-tiny:1\nRUN ln -s tiny-release /etc/one && ln -s /etc/one /two\n`);
    const files = [{ path: 'Dockerfile', mode: 0o644, bytes: dockerfile }];
    const built = { name: 'links', tag: `${tag}-links:1`, files, buildArgs: {}, labels: {} };
    const id = await containers.buildImage(built, () => undefined, never);
    expect((await containers.readFile(id, '/two')).toString()).toBe('tiny\n');
  });

  it('is a pipe for a command when there is no terminal', async () => {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    const text = buffer(stdout);
    stdin.end('exit $((40+2)); echo not reached\n');
    // Streams without the methods of a terminal: what standard input and output are in a pipe.
    const io = { stdin: stdin as unknown as NodeJS.ReadStream, stdout: stdout as unknown as NodeJS.WriteStream };
    const code = await containers.interactive({ ...spec(''), command: ['/bin/bash', '-c', 'echo hi; exec bash'] }, io);
    stdout.end();
    expect(code).toBe(42);
    expect((await text).toString()).toBe('hi\n');
  });

  it('is a terminal for a command when there is one', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true, raw: [] as boolean[] });
    const stdout = Object.assign(new PassThrough(), { isTTY: true, rows: 33, columns: 99 });
    const text = buffer(stdout);
    const setRawMode = (mode: boolean): void => void stdin.raw.push(mode);
    const io = {
      stdin: Object.assign(stdin, { setRawMode }) as unknown as NodeJS.ReadStream,
      stdout: stdout as unknown as NodeJS.WriteStream,
    };
    const shell = [
      'read -r line; echo "got $line"',
      'for i in $(seq 100); do [ "$(stty size)" = "33 99" ] && break; sleep 0.05; done; stty size; exit 3',
    ].join('; ');
    stdin.write('typed\r');
    expect(await containers.interactive(spec(shell), io)).toBe(3);
    stdout.end();
    expect((await text).toString()).toMatch(/got typed\r\n33 99\r\n$/);
    expect(stdin.raw).toEqual([true, false]);
  });

  it('an unpullable image says why', async () => {
    // A registry on loopback where nobody listens.
    const failure = await failureFrom(
      containers.pull('127.0.0.1:1/none', `sha256:${'0'.repeat(64)}`, { onLine: () => undefined, signal: never }),
    );
    expect(failure).toMatchObject({ kind: 'AllMirrorsFailed', source: '127.0.0.1:1/none' });
  });
});
