import { describe, expect, test } from 'vitest';
import { asSha256 } from '../../../pipeline/plan/artifact.ts';
import type { SourceInfo } from '../../../pipeline/plan/artifact.ts';
import type { PatchSeries } from '../../../pipeline/plan/params.ts';
import { prepareSources, textFilesOf } from '../../../pipeline/rpm/prepare-sources.ts';
import { buildidEdit, patchEdits } from '../../../pipeline/rpm/spec-edit.ts';
import { expandTemplates, templatesIn } from '../../../pipeline/rpm/templates.ts';
import { thrown } from '../recipe/hello-copy.ts';

const sha256 = asSha256('0'.repeat(64));
const info: SourceInfo = {
  package: 'l',
  version: '1:6.1.192-1',
  upstreamVersion: '6.1.192',
  file: 'l.deb',
  sha256,
  size: 1,
};
const infos = new Map([['linux', info]]);
const SPEC = `# % define buildid .local
%define kversion 0.0.0
Patch999999: linux-kernel-test.patch
%prep
ApplyOptionalPatch linux-kernel-test.patch
`;
const patches: PatchSeries = {
  files: ['d/0001-a.patch', 'd/0002-$&.patch'].map((path) => ({ root: 'patches', path, sha256 })),
  firstNumber: 900001,
  declareBefore: 'Patch999999: linux-kernel-test.patch',
  applyBefore: 'ApplyOptionalPatch linux-kernel-test.patch',
  applyWith: 'ApplyPatch {name} # {number}',
};

describe('templates', () => {
  test('are filled in, and nothing else that looks alike', () => {
    expect(expandTemplates('{linux.upstreamVersion} of {linux.version}', infos)).toBe('6.1.192 of 1:6.1.192-1');
    const macros = '%{linux.upstreamVersion} ${linux.version} {name} {a b.c}';
    expect(expandTemplates(macros, infos)).toBe(macros);
    expect(templatesIn('x-{a.b}-{c.d}')).toEqual([
      { source: 'a', field: 'b' },
      { source: 'c', field: 'd' },
    ]);
  });

  test.each([
    ['{other.upstreamVersion}', infos],
    ['{linux.release}', infos],
    ['{linux.upstreamVersion}', new Map([['linux', { ...info, upstreamVersion: '6.1~rc3' }]])],
  ])('%s that cannot be filled in is refused', (text, known) => {
    expect(thrown('SourceMissing', () => expandTemplates(text, known)).detail).not.toBe('');
  });
});

test('the buildid takes the place of the commented line', () => {
  expect(buildidEdit('kernel.spec', '.toa')).toEqual({
    op: 'replace',
    file: 'kernel.spec',
    line: '# % define buildid .local',
    with: '%define buildid .toa',
  });
});

test('no patches, no edits', () => {
  expect(patchEdits('a.spec', { ...patches, files: [] }, [])).toEqual([]);
});

describe('prepareSources', () => {
  const params = {
    spec: 'kernel.spec',
    edits: [
      buildidEdit('kernel.spec', '.ipvs_20bit'),
      {
        op: 'replace',
        file: 'kernel.spec',
        line: '%define kversion 0.0.0',
        with: '%define kversion {linux.upstreamVersion}',
      },
    ],
    configSet: { file: 'config-generic', values: { CONFIG_IP_VS_TAB_BITS: '20' } },
    configAdd: { file: 'config-generic', values: { CONFIG_TOA: 'm' } },
    patchNames: [],
    patches,
  } as const;

  test('does everything to a spec and its fragment', () => {
    const files = new Map([
      ['kernel.spec', SPEC],
      ['config-generic', 'CONFIG_IP_VS_TAB_BITS=12\n'],
    ]);
    const result = prepareSources(params, files, infos);
    expect(result.get('kernel.spec')).toBe(`%define buildid .ipvs_20bit
%define kversion 6.1.192
Patch900001: 0001-a.patch
Patch900002: 0002-$&.patch
Patch999999: linux-kernel-test.patch
%prep
ApplyPatch 0001-a.patch # 900001
ApplyPatch 0002-$&.patch # 900002
ApplyOptionalPatch linux-kernel-test.patch
`);
    expect(result.get('config-generic')).toBe('CONFIG_IP_VS_TAB_BITS=20\nCONFIG_TOA=m\n');
  });

  test('patches of upstream come before ours', () => {
    const result = prepareSources(
      { ...params, patchNames: ['lvs.patch'] },
      new Map([
        ['kernel.spec', SPEC],
        ['config-generic', 'CONFIG_IP_VS_TAB_BITS=12\n'],
      ]),
      infos,
    );
    expect(result.get('kernel.spec')).toContain('Patch900001: lvs.patch\nPatch900002: 0001-a.patch\n');
    expect(result.get('kernel.spec')).toContain('ApplyPatch lvs.patch # 900001\nApplyPatch 0001-a.patch # 900002\n');
  });

  test('a fragment that is not there is a mismatch, not an empty one', () => {
    const files = new Map([['kernel.spec', SPEC]]);
    expect(thrown('EditMismatch', () => prepareSources(params, files, infos)).file).toBe('config-generic');
    const onlyAdd = { ...params, configSet: null };
    expect(thrown('EditMismatch', () => prepareSources(onlyAdd, files, infos)).file).toBe('config-generic');
  });

  test('what wins over every fragment goes into the strongest one', () => {
    const configOverride = { file: 'config-local', values: { CONFIG_IP_VS_TAB_BITS: '18', CONFIG_HZ: '100' } };
    const files = new Map([
      ['kernel.spec', SPEC],
      ['config-generic', 'CONFIG_IP_VS_TAB_BITS=12\n'],
      ['config-local', 'CONFIG_HZ=250\n'],
    ]);
    const result = prepareSources({ ...params, configOverride }, files, infos);
    expect(result.get('config-generic')).toBe('CONFIG_IP_VS_TAB_BITS=20\nCONFIG_TOA=m\n');
    expect(result.get('config-local')).toBe('CONFIG_HZ=100\nCONFIG_IP_VS_TAB_BITS=18\n');
  });

  test('names the texts that it wants to see', () => {
    expect(textFilesOf(params)).toEqual(['kernel.spec', 'config-generic']);
    const configOverride = { file: 'config-local', values: { CONFIG_HZ: '100' } };
    expect(textFilesOf({ ...params, configOverride })).toEqual(['kernel.spec', 'config-generic', 'config-local']);
  });
});
