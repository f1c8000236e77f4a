import { expect, test } from 'vitest';
import { sbomOf } from '../../../pipeline/provenance/cyclonedx.ts';
import { documentBytes } from '../../../pipeline/provenance/document.ts';
import { cycloneDxProblems } from '../../helpers/cyclonedx-schema.ts';
import { accountOf } from './rig.ts';

test('golden: the bill of materials of hello', async () => {
  const { account, primary } = await accountOf('hello');
  await expect(documentBytes(sbomOf(account, primary)).toString()).toMatchFileSnapshot('golden/hello.sbom');
});

test.each(['hello', 'lts', 'el6'] as const)('%s: valid by the public schema', async (name) => {
  const { account, primary } = await accountOf(name);
  expect(cycloneDxProblems(JSON.parse(documentBytes(sbomOf(account, primary)).toString()))).toEqual([]);
});

test('the schema is asked in earnest', async () => {
  const { account, primary } = await accountOf('hello');
  const bom = sbomOf(account, primary);
  expect(cycloneDxProblems({ ...bom, serialNumber: 'urn:uuid:1' })).toEqual([expect.stringContaining('serialNumber')]);
  const [first] = bom.components;
  expect(cycloneDxProblems({ ...bom, components: [{ ...first, colour: 'red' }] })).not.toEqual([]);
  expect(
    cycloneDxProblems({ ...bom, components: [{ ...first, licenses: [{ license: { id: 'GPLv2' } }] }] }),
  ).not.toEqual([]);
});

test.each(['lts', 'el6'] as const)('%s: every name in the graph is a component, and each but once', async (name) => {
  const { account, primary } = await accountOf(name);
  const { components, dependencies } = sbomOf(account, primary);
  const refs = components.map((one) => one['bom-ref']);
  expect(new Set(refs).size).toBe(refs.length);
  for (const { dependsOn } of dependencies) for (const ref of dependsOn) expect(refs).toContain(ref);
  // What nothing was made of would be there by mistake.
  const used = new Set(dependencies.flatMap(({ dependsOn }) => dependsOn));
  for (const ref of refs) expect(used).toContain(ref);
});

test('el6: kernels descend from upstream’s source package and carry upstream’s patch', async () => {
  const { account, primary } = await accountOf('el6');
  const { components } = sbomOf(account, primary);
  const source = components.find((one) => one.purl?.includes('kernel-director@') && one.purl.endsWith('?arch=src'));
  expect(source?.pedigree?.ancestors).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'kernel-2.6.32-220.23.1.el6.src.rpm', version: '2.6.32-220.23.1.el6' }),
    ]),
  );
  const urls = source?.pedigree?.patches.map(({ diff }) => diff.url) ?? [];
  expect(urls.length).toBeGreaterThan(0);
  for (const url of urls) {
    const digest = Buffer.from(url.replace('ni:///sha-256;', ''), 'base64url').toString('hex');
    expect(components.map((one) => one['bom-ref'])).toContain(`patch:sha256:${digest}`);
  }
});

test('the serial number follows the contents and nothing else', async () => {
  const serial = async (startedAt: string, from = 'GPLv2', to = from) => {
    const { account, primary } = await accountOf('hello', {}, { startedAt, runId: startedAt, engineId: startedAt });
    return sbomOf(account, primary.replaceAll(from, to)).serialNumber;
  };
  expect(await serial('2026-01-01T00:00:00Z')).toBe(await serial('2027-01-01T00:00:00Z'));
  expect(await serial('2026-01-01T00:00:00Z', 'GPLv2', 'MIT')).not.toBe(await serial('2026-01-01T00:00:00Z'));
});

test('a package that the index does not know is an error, not a gap', async () => {
  const { account, primary } = await accountOf('hello');
  const other = primary.replace('RPMS/hello', 'RPMS/other');
  expect(() => sbomOf(account, other)).toThrow('the index does not know RPMS/hello');
});
