import { expect, test } from 'vitest';
import { repoFileText } from '../../../pipeline/rpm/repo-file.ts';

test('a .repo file follows the pointer and checks packages and metadata', () => {
  expect(repoFileText('lts', 'https://packages.example.org/lts')).toBe(
    [
      '[fullnat-lts]',
      'name=LVS FULLNAT kernels and tools (lts)',
      'mirrorlist=https://packages.example.org/lts/mirrorlist',
      'enabled=1',
      'gpgcheck=1',
      'repo_gpgcheck=1',
      'gpgkey=https://packages.example.org/lts/RPM-GPG-KEY-factory',
      'metadata_expire=60',
      '',
    ].join('\n'),
  );
});
