import { describe, expect, it } from 'vitest';
import { kconfigLine, patchedLine, rejectedLine } from '../../../pipeline/report/github-patch.ts';
import { type OwnFiles, placesOf } from '../../../pipeline/report/github-places.ts';
import { annotate } from '../../../pipeline/report/github.ts';
import type { Core } from '../../../pipeline/report/github.ts';
import type { Failure } from '../../../pipeline/run/failure.ts';

const PATCH = `Origin: here

--- a/net/ipv4/Kconfig
+++ b/net/ipv4/Kconfig
@@ -10,2 +10,4 @@ config INET
 a
+config TOA
+	tristate "toa"
 b
--- a/net/ipv4/tcp.c
+++ b/net/ipv4/tcp.c
@@ -20,3 +22,3 @@ first
 one
-two
+zwei
 three
@@ -120,2 +122,4 @@ second
 x
+added
--- not a header, but a removed line
+++ b/elsewhere.c
+last
`;
const lines = PATCH.split('\n');
const lineOf = (text: string): number => lines.indexOf(text) + 1;

describe('lines of a patch', () => {
  it('of a rejected hunk, by its range, by its number, by its file', () => {
    const [first, second] = [lineOf('@@ -20,3 +22,3 @@ first'), lineOf('@@ -120,2 +122,4 @@ second')];
    expect(rejectedLine(PATCH, 'net/ipv4/tcp.c', 'unknown', ['--- net/ipv4/tcp.c', '@@ -120,2 +122,4 @@'])).toBe(
      second,
    );
    expect(rejectedLine(PATCH, 'net/ipv4/tcp.c', '#2 at 118', [])).toBe(second);
    expect(rejectedLine(PATCH, 'net/ipv4/tcp.c', 'unknown', [])).toBe(first);
    expect(rejectedLine(PATCH, 'net/ipv6/tcp.c', '#1 at 2', [])).toBe(1);
  });

  it('of a line of the patched file', () => {
    expect(patchedLine(PATCH, 'net/ipv4/tcp.c', 23)).toBe(lineOf('+zwei'));
    expect(patchedLine(PATCH, 'net/ipv4/tcp.c', 24)).toBe(lineOf(' three'));
    expect(patchedLine(PATCH, 'net/ipv4/tcp.c', 123)).toBe(lineOf('+added'));
    expect(patchedLine(PATCH, 'net/ipv4/tcp.c', 125)).toBe(lineOf('+last'));
    expect(patchedLine(PATCH, 'net/ipv4/tcp.c', 60)).toBeUndefined();
    expect(patchedLine(PATCH, 'net/ipv4/udp.c', 23)).toBeUndefined();
  });

  it('of a new Kconfig symbol', () => {
    expect(kconfigLine(PATCH, 'CONFIG_TOA')).toBe(lineOf('+config TOA'));
    expect(kconfigLine(PATCH, 'CONFIG_TO')).toBe(1);
  });
});

const files: OwnFiles = {
  recipe: {
    path: '/repo/r/recipe.yaml',
    name: 'recipe.yaml',
    text: "edits:\n  line: '%define x'\nvalues:\n  CONFIG_A: y\n  CONFIG_B: n\n",
  },
  beside: [
    { path: '/repo/r/hello.c', name: 'hello.c', text: 'int main(void)\n' },
    { path: '/repo/r/k.spec', name: 'k.spec', text: 'Name: k\nNmae: k\n' },
  ],
  patches: {
    k: [
      { path: '/repo/p/k/0001-a.patch', name: 'k/0001-a.patch', text: PATCH.replace('zwei', 'deux') },
      { path: '/repo/p/k/0002-b.patch', name: 'k/0002-b.patch', text: PATCH },
    ],
    other: [{ path: '/repo/p/other/0002-b.patch', name: 'other/0002-b.patch', text: '' }],
  },
};
const exit: Failure = { kind: 'ContainerExit', step: 'rebuild-srpm:k', code: 1, oom: false, tail: [] };
const at = (failure: Failure, log: readonly string[] = [], step = 'rebuild-srpm:k') =>
  placesOf(failure, log, files, step);

describe('places of failures', () => {
  it('a rejected patch: its hunk, in the folder of that package', () => {
    const rejected = {
      kind: 'PatchRejected',
      patch: '0002-b.patch',
      file: 'net/ipv4/tcp.c',
      hunk: '#2 at 9',
      reject: [],
    } as const;
    expect(at(rejected)).toEqual([{ file: '/repo/p/k/0002-b.patch', line: lineOf('@@ -120,2 +122,4 @@ second') }]);
    expect(at(rejected, [], 'assemble-srpm:other')).toEqual([{ file: '/repo/p/other/0002-b.patch', line: 1 }]);
    expect(at({ ...rejected, patch: 'upstream.patch' })).toEqual([]);
  });

  it('what the recipe says: the edit, the symbol', () => {
    expect(at({ kind: 'EditMismatch', file: 'k.spec', line: '%define x', matches: [], near: [] })).toEqual([
      { file: '/repo/r/recipe.yaml', line: 2 },
    ]);
    const symbols = [{ name: 'CONFIG_B', want: 'n', got: 'y' }];
    expect(at({ kind: 'ConfigNotKept', step: 's', symbols })).toEqual([
      { file: '/repo/r/recipe.yaml', line: 5, message: 'CONFIG_B is y in the final configuration, not n' },
    ]);
  });

  it('a compiler error: in our own source, or in the last patch that wrote that line; nowhere for lines of others', () => {
    expect(at(exit, ['hello.c:1:5: error: expected ;', 'hello.c:1:5: warning: no'])).toEqual([
      { file: '/repo/r/hello.c', line: 1, column: 5, message: 'hello.c:1: expected ;' },
    ]);
    expect(at(exit, ['/home/builder/rpmbuild/BUILD/linux-6.1/net/ipv4/tcp.c:23:1: error: no such'])).toEqual([
      { file: '/repo/p/k/0002-b.patch', line: lineOf('+zwei'), message: 'net/ipv4/tcp.c:23: no such' },
    ]);
    expect(at(exit, ['net/ipv4/tcp.c:900:1: error: theirs', 'error: something else'])).toEqual([]);
  });

  it('ten at most, each once', () => {
    const log = Array.from({ length: 30 }, (_, index) => `hello.c:${index + 1}: error: no`);
    expect(at(exit, [...log, ...log])).toHaveLength(10);
  });

  it('a line of the spec that rpmbuild does not take', () => {
    expect(at(exit, ['error: line 40: Unknown tag: Nmae: k'])).toEqual([
      { file: '/repo/r/k.spec', line: 2, message: 'Unknown tag: Nmae: k' },
    ]);
  });

  it('are annotated relative to the repository; what lies elsewhere is said in words', () => {
    const errors: unknown[][] = [];
    const core = { error: (...args: unknown[]) => void errors.push(args) } as unknown as Core;
    const log = ['hello.c:3:5: error: expected ;'];
    annotate(core, { failure: exit, root: '/repo', files, step: 'rebuild-srpm:k', log });
    expect(errors).toEqual([
      ['rebuild-srpm:k failed with exit code 1', { title: 'rebuild-srpm:k' }],
      ['hello.c:3: expected ;', { title: 'rebuild-srpm:k', file: 'r/hello.c', startLine: 3, startColumn: 5 }],
    ]);
    errors.length = 0;
    annotate(core, { failure: exit, root: '/elsewhere', files, step: 'rebuild-srpm:k', log });
    expect(errors[1]).toEqual(['hello.c:3: expected ; (/repo/r/hello.c:3)', { title: 'rebuild-srpm:k' }]);
  });
});
