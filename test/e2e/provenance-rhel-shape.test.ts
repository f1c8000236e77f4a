import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { manifestSchema } from '../../pipeline/host/manifest/schema.ts';
import type { Bom } from '../../pipeline/provenance/cyclonedx-types.ts';
import type { SlsaProvenance, Statement } from '../../pipeline/provenance/in-toto.ts';
import { cycloneDxProblems } from '../helpers/cyclonedx-schema.ts';
import { provenanceSchema } from '../helpers/provenance-schema.ts';
import { rhelShape } from '../helpers/rhel-shape.ts';
import { expectCode } from '../helpers/run-factory.ts';

test('a signed source package, a patch out of upstream’s archive, tools built with a kernel of ours', async () => {
  await using shape = await rhelShape();
  expectCode(await shape.run(['build', '--json', '--only', 'snapshot']), 0);
  const root = join(shape.place.artifacts, 'repository/rhel-shape');
  const snapshots = await shape.place.run(['snapshots', '--json']);
  const [id = ''] = /\d{8}T\d{6}Z-[0-9a-f]{12}/.exec(snapshots.stdout) ?? [];
  const read = async <T>(name: string): Promise<T> =>
    JSON.parse(await readFile(join(root, 'snapshots', id, name), 'utf8')) as T;

  const statement = await read<Statement<SlsaProvenance>>('provenance.json');
  expect(provenanceSchema.safeParse(statement).error?.issues ?? []).toEqual([]);
  const { resolvedDependencies } = statement.predicate.buildDefinition;
  const signed = resolvedDependencies.filter(({ annotations }) => /signature/.test(String(annotations?.trust)));
  expect(signed.map(({ name, annotations }) => [name, annotations?.keys])).toEqual([
    [expect.stringMatching(/^kernel-.*\.src\.rpm$/), [shape.made.fingerprint]],
  ]);
  // The mirror that served it is the user's own affair.
  expect(JSON.stringify(statement)).not.toContain(shape.made.mirror);

  // What a host of el6 would be told, of the packages that were made here.
  const manifest = manifestSchema.parse(await read('install/director.json'));
  expect(manifest.kernel).toMatchObject({
    release: '2.6.32-220.23.1.el6.ipvs_20bit.x86_64',
    initramfs: '/boot/initramfs-2.6.32-220.23.1.el6.ipvs_20bit.x86_64.img',
    arguments: ['nohz=off'],
  });
  expect(manifest.packages.map(({ name, how }) => `${name} ${how}`)).toEqual([
    'kernel beside',
    'kernel-firmware at-least',
    'keepalived exact',
    'ipvsadm exact',
    'quagga exact',
  ]);
  const devices = await readFile(join(root, 'snapshots', id, 'install/backend.devices'), 'utf8');
  expect(devices).toMatch(/^devices 1 2\.6\.32-220\.23\.1\.el6\.toa\.x86_64\n/);
  expect(devices).toContain('\nmodule toa module\n');

  const bom = await read<Bom>('sbom.cdx.json');
  expect(cycloneDxProblems(bom)).toEqual([]);
  const kernel = bom.components.find(({ purl }) => /\/kernel@.*\.ipvs.*\?arch=src$/.test(purl ?? ''));
  expect(kernel?.pedigree?.ancestors.map(({ name }) => name)).toEqual([expect.stringMatching(/^kernel-.*\.src\.rpm$/)]);
  expect(kernel?.pedigree?.patches).toHaveLength(1);
  const patches = bom.components.filter((one) => one['bom-ref']?.startsWith('patch:'));
  expect(patches.map(({ name }) => name)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^lvs-.*\.patch$/), expect.stringMatching(/^toa-.*\.patch$/)]),
  );
});
