import { expect, test } from 'vitest';
import { patchReports } from '../../../pipeline/rpm/patch-report.ts';

/** GNU patch 2.7.6 with `-p1 -F1 -s -F1 --verbose`, below the trace of RHEL's shell functions. */
const LOG = `+ cd linux-2.6.32-220.23.1.el6.x86_64
+ ApplyPatch lvs.patch -F0 --verbose
+ local patch=lvs.patch
+ shift
+ '[' '!' -f /build/rpmbuild/SOURCES/lvs.patch ']'
+ case "$patch" in
+ patch -p1 -F1 -s -F0 --verbose
Hmm...  Looks like a unified diff to me...
The text leading up to this was:
--------------------------
|--- a/net/a.c
|+++ b/net/a.c
--------------------------
patching file net/a.c
Using Plan A...
Hunk #1 succeeded at 17.
Hunk #2 succeeded at 120 (offset 3 lines).
Hunk #3 succeeded at 190 with fuzz 1 (offset -1 lines).
Hmm...  The next patch looks like a unified diff to me...
patching file net/b.c
Using Plan A...
Hunk #1 succeeded at 1 with fuzz 2.
done
+ ApplyOptionalPatch linux-kernel-test.patch
+ local patch=linux-kernel-test.patch
+ '[' 12 -gt 9 ']'
+ ApplyPatch linux-kernel-test.patch
+ patch -p1 -F1 -s`.split('\n');

test('every patch that was applied with --verbose', () => {
  expect(patchReports(LOG)).toEqual([{ name: 'lvs.patch', files: 2, hunks: 4, offsets: 2, fuzz: 2 }]);
});

test('patch 2.6 of EL6, which says the plan in the same line; notes of our own specs', () => {
  const log = [
    'patching file before.c',
    '@@factory patch=a.patch',
    'Patching file a.c using Plan A...',
    'Hunk #1 succeeded at 1 (offset 1 line).',
    '@@factory patch=b.patch',
    'Patching file b.c using Plan B...',
    'Hunk #1 succeeded at 9.',
  ];
  expect(patchReports(log)).toEqual([
    { name: 'a.patch', files: 1, hunks: 1, offsets: 1, fuzz: 0 },
    { name: 'b.patch', files: 1, hunks: 1, offsets: 0, fuzz: 0 },
  ]);
});

test('an optional patch is one patch', () => {
  const log = [
    '+ ApplyOptionalPatch a.patch --verbose',
    '++ ApplyPatch a.patch --verbose',
    'patching file x',
    'Using Plan A...',
  ];
  expect(patchReports(log)).toEqual([{ name: 'a.patch', files: 1, hunks: 0, offsets: 0, fuzz: 0 }]);
});

test('%patch of other specs, told in short, is left out', () => {
  expect(patchReports(['Patch #1 (a.patch):', 'patching file x', 'Hunk #2 succeeded at 3 (offset 1 line).'])).toEqual(
    [],
  );
});
