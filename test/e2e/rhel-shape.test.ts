import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { asSha256, type Artifact } from '../../pipeline/plan/artifact.ts';
import { layoutOf, objectPath } from '../../pipeline/store/layout.ts';
import { rhelShape, type RhelShape } from '../helpers/rhel-shape.ts';
import { expectCode, type Finished, runFactory, stepsOf } from '../helpers/run-factory.ts';

/** A source package of RHEL 6's shape through the stages, in the builder that everybody has; each test goes on from the one before. */
let shape: RhelShape;
beforeAll(async () => {
  shape = await rhelShape();
});
afterAll(async () => {
  await shape[Symbol.asyncDispose]();
});

const BUILD = ['build', '--json', '--only', 'kernels', '--only', 'tools'];
const RELEASE = '2.6.32-220.23.1.el6';

function outputsOf(finished: Finished, step: string): readonly Artifact[] {
  const records = finished.events.flatMap((event) =>
    event.type === 'step-made' || event.type === 'step-cached' ? [{ step: event.step, record: event.record }] : [],
  );
  const found = records.find((one) => one.step === step);
  if (found === undefined) throw new Error(`no record of ${step}`);
  return found.record.outputs;
}
const pathOf = ({ digest }: Artifact): string =>
  objectPath(layoutOf(join(shape.place.artifacts, 'store')), asSha256(digest));
const namesOf = (outputs: readonly Artifact[], kind: string): string[] =>
  outputs.filter((one) => one.kind === kind).map(({ name }) => name);

/** What rpm and friends say about the packages of a step, in a container of the builder. */
async function inBuilder(rpms: readonly Artifact[], script: string): Promise<string> {
  const mounts = rpms.flatMap((rpm) => ['-v', `${pathOf(rpm)}:/rpms/${rpm.name}:ro`]);
  const run = ['run', '--rm', '--network', 'none', ...mounts, shape.builder, '/bin/bash', '-euc', script];
  return (await promisify(execFile)('docker', run)).stdout;
}

test('what is tried here is what the recipe el6 does to its spec and to its hosts', async () => {
  type Parts = Record<string, Record<string, unknown>>;
  const read = async (file: string): Promise<{ packages: Parts; roles: Parts }> => {
    const text = await readFile(join(import.meta.dirname, '../..', file, 'recipe.yaml'), 'utf8');
    return parse(text) as { packages: Parts; roles: Parts };
  };
  const [small, real] = [await read('test/fixtures/recipes/rhel-shape'), await read('pipeline/recipes/el6')];
  for (const name of ['kernel-director', 'kernel-backend'])
    for (const key of ['spec', 'buildid', 'edits', 'patches', 'modules', 'produces', 'optional'])
      expect(small.packages[name]?.[key], `${name}: ${key}`).toEqual(real.packages[name]?.[key]);
  for (const role of ['director', 'backend'])
    for (const key of ['packages', 'host'])
      expect(small.roles[role]?.[key], `${role}: ${key}`).toEqual(real.roles[role]?.[key]);
});

let patched: Finished;
test('director, backend and tools out of a signed source package', async () => {
  patched = await shape.run(BUILD);
  expectCode(patched, 0);
  const director = outputsOf(patched, 'rebuild-srpm:kernel-director');
  const names = ['kernel', 'kernel-devel', 'kernel-firmware', 'kernel-headers', 'perf', 'python-perf'];
  expect(namesOf(director, 'rpm')).toEqual(names.map((name) => `${name}-${RELEASE}.ipvs_20bit.x86_64.rpm`));
  const backend = outputsOf(patched, 'rebuild-srpm:kernel-backend');
  expect(namesOf(backend, 'rpm')).toEqual(names.slice(0, 4).map((name) => `${name}-${RELEASE}.toa.x86_64.rpm`));
  expect(namesOf(outputsOf(patched, 'rebuild-srpm:lvs-tools'), 'rpm')).toEqual([
    'ipvsadm-1.26-1.el6.x86_64.rpm',
    'keepalived-1.2.2-1.el6.x86_64.rpm',
    'quagga-0.99.20-1.el6.x86_64.rpm',
  ]);
});

test('the final configurations hold what the recipe set and added', async () => {
  const config = async (step: string): Promise<string> => {
    const final = outputsOf(patched, step).find(({ kind }) => kind === 'config');
    if (final === undefined) throw new Error(`${step} kept no configuration`);
    return readFile(pathOf(final), 'utf8');
  };
  const director = await config('rebuild-srpm:kernel-director');
  expect(director.split('\n')[0]).toBe('# x86_64');
  expect(director).toContain('\nCONFIG_IP_VS_TAB_BITS=20\n');
  expect(director).not.toContain('CONFIG_TOA');
  const backend = await config('rebuild-srpm:kernel-backend');
  expect(backend).toContain('\nCONFIG_IP_VS_TAB_BITS=12\n');
  expect(backend).toContain('\nCONFIG_TOA=m\n');
  expect(backend).toContain('\nCONFIG_IPV6=y\n');
});

test('what rpm says of the kernels: uname -r in paths and requirements, modules signed, the patch in the module', async () => {
  const rpms = (step: string): Artifact[] => outputsOf(patched, step).filter(({ kind }) => kind === 'rpm');
  const director = await inBuilder(
    rpms('rebuild-srpm:kernel-director'),
    'cd /tmp; rpm -qpRl /rpms/kernel-2*; rpm2cpio /rpms/kernel-2* | cpio -id --quiet; cd lib/modules/*/kernel/net/netfilter/ipvs; readelf -n ip_vs.ko; strings -a ip_vs.ko; objdump -d ip_vs.ko',
  );
  expect(director).toContain(`kernel-firmware >= ${RELEASE}.ipvs_20bit\n`);
  expect(director).toContain(`/boot/vmlinuz-${RELEASE}.ipvs_20bit.x86_64\n`);
  expect(director).toContain('module.sig');
  expect(director).toContain(`vermagic=${RELEASE}.ipvs_20bit.x86_64 `);
  // 1 << 20
  expect(director).toMatch(/\$0x100000,%eax/);
  const backend = await inBuilder(rpms('rebuild-srpm:kernel-backend'), 'rpm -qpl /rpms/kernel-2*');
  expect(backend).toContain(`/lib/modules/${RELEASE}.toa.x86_64/kernel/net/toa/toa.ko\n`);
});

test('again: every step cached', async () => {
  const again = await shape.run(BUILD);
  expectCode(again, 0);
  expect(stepsOf(again, 'step-started')).toEqual([]);
});

test('the ready-patched trees give the same packages with the same files', async () => {
  const tree = await shape.run([...BUILD, '--kernel-source', 'patched-tree']);
  expectCode(tree, 0);
  expect(stepsOf(tree, 'step-made')).toEqual(
    expect.arrayContaining(['repack-tree:kernel-director', 'rebuild-srpm:kernel-director']),
  );
  for (const step of ['rebuild-srpm:kernel-director', 'rebuild-srpm:kernel-backend']) {
    const [first, second] = [outputsOf(patched, step), outputsOf(tree, step)];
    expect(namesOf(second, 'rpm')).toEqual(namesOf(first, 'rpm'));
    const list = 'for rpm in /rpms/*; do echo "$rpm"; rpm -qp --qf "[%{filenames} %{filemodes:perms}\\n]" "$rpm"; done';
    const files = (outputs: readonly Artifact[]): Promise<string> =>
      inBuilder(
        outputs.filter(({ kind }) => kind === 'rpm'),
        list,
      );
    expect(await files(second)).toBe(await files(first));
    const config = (outputs: readonly Artifact[]): string | undefined =>
      outputs.find(({ kind }) => kind === 'config')?.digest;
    expect(config(second)).toBe(config(first));
  }
});

test('a recipe that extends this one: a value for the strongest fragment, in the source package, wins over what is set', async () => {
  const { place, made } = shape;
  const acme = join(place.dir, 'acme');
  await mkdir(acme);
  const override = 'strongest: config-x86_64-nodebug-rhel, override: { CONFIG_IP_VS_TAB_BITS: 18, CONFIG_IP_VS_RR: n }';
  const yaml = `schema: 1\nname: acme\nextends: ../rhel-shape\npackages: { kernel-director: { config: { ${override} } } }\n`;
  await writeFile(join(acme, 'recipe.yaml'), yaml);
  const where = ['--recipe', acme, '--artifacts', place.artifacts, '--mirror', made.mirror, '--key', made.key];
  const built = await runFactory(['build', '--json', '--only', 'kernels', ...where]);
  expectCode(built, 0);
  expect(stepsOf(built, 'step-started')).toEqual(['assemble-srpm:kernel-director', 'rebuild-srpm:kernel-director']);
  const final = outputsOf(built, 'rebuild-srpm:kernel-director').find(({ kind }) => kind === 'config');
  const config = await readFile(pathOf(final!), 'utf8');
  expect(config).toContain('\nCONFIG_IP_VS_TAB_BITS=18\n');
  expect(config).toContain('\n# CONFIG_IP_VS_RR is not set\n');
});

test('the cross-check finds both ways equal', async () => {
  const checked = await shape.run(['verify', '--cross-check', '--json']);
  expectCode(checked, 0);
  expect(stepsOf(checked, 'step-made')).toEqual(
    expect.arrayContaining(['cross-check:kernel-director', 'cross-check:kernel-backend']),
  );
});

test('the cross-check names the file when a tree was touched', async () => {
  const other = join(shape.place.dir, 'touched');
  await cp(shape.made.mirror, other, { recursive: true });
  const name = 'Linux-2.6.32-220.23.1.el6.x86_64.lvs.src.tar.gz';
  const touch = [
    'mkdir /tmp/t; cd /tmp/t; tar -xzf -; cd *',
    'sed -i "s/return 3;/return 4;/" net/netfilter/ipvs/ip_vs.c; echo new >net/more.c; rm firmware/WHENCE',
    'cd ..; tar -czf - *',
  ].join('\n');
  const pipe = 'docker run --rm -i --network none "$1" /bin/bash -euc "$2" <"$3" >"$4"';
  await promisify(execFile)('/bin/bash', [
    '-c',
    pipe,
    '-',
    shape.builder,
    touch,
    join(shape.made.mirror, name),
    join(other, name),
  ]);
  expectCode(await shape.place.run(['fetch', '--refresh', '--mirror', other, '--key', shape.made.key]), 0);
  const checked = await shape.run(['verify', '--cross-check']);
  expect(checked.code, checked.stderr).toBe(5);
  for (const path of ['net/netfilter/ipvs/ip_vs.c', 'net/more.c', 'firmware/WHENCE'])
    expect(checked.stderr).toContain(path);
});
