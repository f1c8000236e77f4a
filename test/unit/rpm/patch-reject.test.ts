import { expect, test } from 'vitest';
import { rejectFromLog } from '../../../pipeline/rpm/patch-reject.ts';

/** As `patch -p1 -F0 -f` of GNU patch 2.7 says it. */
const PLAIN = `@@factory phase=prep
@@factory patch=0001-a.patch
patching file net/a.c
@@factory patch=0002-b.patch
patching file hello.c
Hunk #1 succeeded at 7.
Hunk #2 FAILED at 123.
1 out of 2 hunks FAILED -- saving rejects to file hello.c.rej`.split('\n');

const BLOCK = `@@factory reject=0002-b.patch:hello.c
--- hello.c
+++ hello.c
@@ -123,3 +123,3 @@
-a
+b
@@factory reject-end
@@factory reject=0002-b.patch:other.c
@@ -1 +1 @@
@@factory reject-end
error: Bad exit status from /var/tmp/rpm-tmp.x (%prep)`.split('\n');

test('patch, file, hunk and rejects', () => {
  expect(rejectFromLog([...PLAIN, ...BLOCK])).toEqual({
    kind: 'PatchRejected',
    patch: '0002-b.patch',
    file: 'hello.c',
    hunk: '#2 at line 123',
    reject: ['--- hello.c', '+++ hello.c', '@@ -123,3 +123,3 @@', '-a', '+b'],
  });
});

test('the output of patch alone', () => {
  expect(rejectFromLog(PLAIN)).toMatchObject({
    patch: '0002-b.patch',
    file: 'hello.c',
    hunk: '#2 at line 123',
    reject: [],
  });
});

test('the block alone: the hunk is named by its header', () => {
  expect(rejectFromLog(BLOCK)).toMatchObject({ patch: '0002-b.patch', file: 'hello.c', hunk: '@@ -123,3 +123,3 @@' });
});

test('%patch of a spec that is not ours', () => {
  const log = [
    'Patch #1 (lvs.patch):',
    '+ /usr/bin/patch -p1 -s --fuzz=0 --no-backup-if-mismatch',
    '1 out of 3 hunks FAILED -- saving rejects to file net/ipv4/x.c.rej',
  ];
  expect(rejectFromLog(log)).toMatchObject({ patch: 'lvs.patch', file: 'net/ipv4/x.c', hunk: 'unknown' });
});

test('a file that is not there', () => {
  const log = `+ /usr/bin/cat /build/SOURCES/0003-c.patch
can't find file to patch at input line 17
Perhaps you used the wrong -p or --strip option?
|--- a/nothere.c
|+++ b/nothere.c
No file to patch.  Skipping patch.
1 out of 1 hunk ignored`.split('\n');
  expect(rejectFromLog(log)).toMatchObject({ patch: '0003-c.patch', file: 'nothere.c', hunk: 'no file to patch' });
});

test('a log without a rejected patch', () => {
  expect(
    rejectFromLog(['patching file a.c', 'Hunk #1 succeeded at 4 (offset 2 lines).', 'gcc: error']),
  ).toBeUndefined();
});
