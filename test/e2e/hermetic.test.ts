import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Failure } from '../../pipeline/run/failure.ts';
import { containersOf, volumesOf } from '../helpers/engine-objects.ts';
import { expectCode, stepsOf, workplace } from '../helpers/run-factory.ts';

/** What a build could try; runs in the %build of a copy of the hello package. */
function attacks(port: number): Readonly<Record<string, string>> {
  const ours = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  const addresses = [...ours.filter((address) => address.includes('.')), '192.0.2.1', '1.1.1.1'];
  return {
    network: `
for address in ${addresses.join(' ')}; do
  if timeout 5 bash -c "exec 3<>/dev/tcp/$address/${port}"; then echo "HARM reached $address"; fi
done
echo "interfaces: $(ls /sys/class/net)"
exit 1`,
    files: `
for dir in / /usr /usr/bin /etc /opt /root /home/builder /var/lib/rpm /in /in/srpm /step /dev /sys /proc/sys/kernel; do
  if (: >$dir/hostile) 2>/dev/null; then echo "HARM wrote to $dir"; fi
done
chmod 777 /step/rebuild-srpm.sh && echo "HARM changed a mode"
chown root . && echo "HARM changed an owner"
mount -t tmpfs none /tmp && echo "HARM mounted"
exit 1`,
    forks: `bash -c 'bomb() { bomb | bomb & }; bomb; sleep 60'`,
    memory: `perl -e 'my @all; push @all, "x" x 10_000_000 while 1'`,
    disk: 'cat /dev/zero >fill',
  };
}

const packageOf = (name: string): string => `
  hostile-${name}:
    group: kernels
    spec: ${name}.spec
    sources: [{ source: hello }]
    buildid: .${name}
    config: { fragment: config-generic, final: hello-1/.config }
    produces: [hello]
    treeMiB: 64
    memoryMiB: 256
`;

/** What the kernel of this machine says of its processes and its memory. */
async function host(): Promise<{ processes: number; freeBytes: number }> {
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).length;
  const free = /^MemAvailable: +(\d+) kB$/m.exec(await readFile('/proc/meminfo', 'utf8'))?.[1];
  return { processes, freeBytes: Number(free) * 1024 };
}

test('hostile builds harm nothing but themselves, and a healthy one beside them succeeds', async () => {
  await using place = await workplace();
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const all = attacks((server.address() as AddressInfo).port);
  const spec = await readFile(join(place.recipe, 'hello.spec'), 'utf8');
  for (const [name, attack] of Object.entries(all))
    await writeFile(
      join(place.recipe, `${name}.spec`),
      spec.replace('%build\n', () => `%build\n${attack}\n`),
    );
  const recipe = await readFile(join(place.recipe, 'recipe.yaml'), 'utf8');
  const hostile = Object.keys(all).map(packageOf).join('');
  await writeFile(
    join(place.recipe, 'recipe.yaml'),
    recipe.replace('\nroles:', () => `${hostile}\nroles:`),
  );

  const before = await host();
  const names = ['hello-backend', ...Object.keys(all).map((name) => `hostile-${name}`)];
  // A build of another run, at the same time; those of one run take turns.
  await using other = await workplace();
  const beside = other.run(['build', '--json', '--only', 'hello-backend']);
  const run = await place.run(['build', '--json', '--keep-going', '--only', names.join(',')]);
  server.close();
  const failures = new Map<string, Failure>(
    run.events.flatMap((event) => (event.type === 'step-failed' ? [[event.step, event.failure]] : [])),
  );
  const seen = JSON.stringify([...failures], null, 1) + run.stderr;
  const of = (name: string) => failures.get(`rebuild-srpm:hostile-${name}`);

  expect(run.code, seen).not.toBe(0);
  expect([...failures.keys()].sort(), seen).toEqual(
    Object.keys(all)
      .map((name) => `rebuild-srpm:hostile-${name}`)
      .sort(),
  );
  expect(of('network')).toMatchObject({ kind: 'StepFailed', code: 'rpmbuild-failed' });
  expect(of('files')).toMatchObject({ kind: 'StepFailed', code: 'rpmbuild-failed' });
  expect(of('forks')).toMatchObject({ kind: 'TooManyProcesses', limit: 2048 });
  expect(of('memory')).toMatchObject({ kind: 'ContainerExit', oom: true });
  expect(of('disk')).toMatchObject({ kind: 'StepFailed', code: 'tree-full' });
  expect(stepsOf(run, 'step-made')).toContain('rebuild-srpm:hello-backend');

  const output = run.events.flatMap((event) => (event.type === 'log' ? [event.line] : [])).join('\n');
  expect(output).toContain('interfaces: lo\n');
  expect(output.split('\n').filter((line) => line.startsWith('HARM'))).toEqual([]);
  expect(connections).toBe(0);
  expect(await containersOf(place.artifacts)).toEqual([]);
  expect(await volumesOf(place.artifacts)).toEqual([]);
  expectCode(await beside, 0);
  const after = await host();
  expect(after.processes - before.processes).toBeLessThan(500);
  expect(before.freeBytes - after.freeBytes).toBeLessThan(4 * 1024 ** 3);
});
