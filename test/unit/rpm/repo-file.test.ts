import { expect, test } from 'vitest';
import { repoFileText } from '../../../pipeline/rpm/repo-file.ts';

test('a .repo file follows the pointer and checks packages and metadata', () => {
  expect(repoFileText('lts', 'https://packages.example.org/lts')).toBe(
    [
      '[fullnat-lts]',
      'name=LVS FULLNAT kernels and tools (lts)',
      'mirrorlist=https://packages.example.org/lts/mirrorlist',
      'enabled=0',
      'gpgcheck=1',
      'repo_gpgcheck=1',
      'gpgkey=https://packages.example.org/lts/RPM-GPG-KEY-factory',
      'metadata_expire=60',
      '',
    ].join('\n'),
  );
});

test('it names the keys of snapshots that were signed with another one', () => {
  expect(repoFileText('lts', 'http://h/lts', ['A'.repeat(40), 'B'.repeat(40)])).toContain(
    `\ngpgkey=http://h/lts/RPM-GPG-KEY-factory http://h/lts/keys/${'A'.repeat(40)}.asc http://h/lts/keys/${'B'.repeat(40)}.asc\n`,
  );
});
