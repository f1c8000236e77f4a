import { describe, expect, it } from 'vitest';
import { snapshotChanges, snapshotContents } from '../../../pipeline/plan/snapshot-changes.ts';

const [A, B] = ['a'.repeat(64), 'b'.repeat(64)];
const sums = (files: Readonly<Record<string, string>>): string =>
  Object.entries(files)
    .map(([path, digest]) => `${digest}  ${path}\n`)
    .join('');

/** As much of a provenance.json as is compared, and something that is not. */
function provenance(bits: string, patches: Readonly<Record<string, string>>, more: object = {}): string {
  const files = Object.entries(patches).map(([name, sha256]) => ({ root: 'patches', path: `kernel/${name}`, sha256 }));
  const kernel = {
    name: 'kernel-director',
    assemble: {
      configSet: { file: 'config-generic', values: { CONFIG_IP_VS_TAB_BITS: bits } },
      configAdd: null,
      patches: { firstNumber: 1, files },
    },
    rebuild: { config: { final: '.config', values: { CONFIG_IP_VS: 'm', ...more } } },
  };
  const tools = {
    name: 'lvs-tools',
    assemble: { configSet: null, configAdd: null, patches: null },
    rebuild: { config: null },
  };
  return JSON.stringify({ predicate: { buildDefinition: { externalParameters: { packages: [kernel, tools] } } } });
}

describe('what differs between two snapshots', () => {
  it('packages that came, went and have other bytes; nothing else of the sums', () => {
    const before = snapshotContents(
      sums({ 'RPMS/a-1.x86_64.rpm': A, 'RPMS/b-1.x86_64.rpm': A, 'SRPMS/s-1.src.rpm': A }),
      undefined,
    );
    const after = snapshotContents(
      sums({ 'RPMS/b-1.x86_64.rpm': B, 'RPMS/c-1.x86_64.rpm': B, 'pair.json': B }),
      undefined,
    );
    expect(snapshotChanges(before, after)).toEqual({
      packages: [
        { name: 'a-1.x86_64', before: A, after: null },
        { name: 'b-1.x86_64', before: A, after: B },
        { name: 'c-1.x86_64', before: null, after: B },
      ],
      patches: null,
      config: null,
    });
  });

  it('patches and configuration symbols by the package that they are of', () => {
    const before = snapshotContents('', provenance('12', { '0001-x.patch': A, '0002-y.patch': A }));
    const after = snapshotContents('', provenance('20', { '0001-x.patch': B, '0003-z.patch': A }, { CONFIG_TOA: 'm' }));
    expect(snapshotChanges(before, after)).toEqual({
      packages: [],
      patches: [
        { name: 'kernel-director: 0001-x.patch', before: A, after: B },
        { name: 'kernel-director: 0002-y.patch', before: A, after: null },
        { name: 'kernel-director: 0003-z.patch', before: null, after: A },
      ],
      config: [
        { name: 'kernel-director: CONFIG_IP_VS_TAB_BITS', before: '12', after: '20' },
        { name: 'kernel-director: CONFIG_TOA', before: null, after: 'm' },
      ],
    });
    expect(snapshotChanges(after, after)).toEqual({ packages: [], patches: [], config: [] });
  });

  it.each(['', 'not JSON', '{}', '[]', '{"predicate":{"buildDefinition":{}}}'])(
    'a provenance of another shape says nothing: %s',
    (text) => {
      expect(snapshotContents('', text).made).toBeNull();
    },
  );
});
