import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../pipeline/rpm/text-edit.ts';
import { thrown } from '../recipe/hello-copy.ts';

const FILES = new Map([['a.spec', 'one\ntwo\n three\ntwo \n']]);
const edited = (...edits: Parameters<typeof applyEdits>[1]) => applyEdits(FILES, edits).get('a.spec');

describe('applyEdits', () => {
  test('replaces and inserts whole lines, one after another', () => {
    const result = edited(
      { op: 'replace', file: 'a.spec', line: 'two', with: '2' },
      { op: 'insert-before', file: 'a.spec', line: '2', text: '1a\n1b' },
      { op: 'insert-after', file: 'a.spec', line: '2', text: '2a\n' },
    );
    expect(result).toBe('one\n1a\n1b\n2\n2a\n three\ntwo \n');
    expect(FILES.get('a.spec')).toBe('one\ntwo\n three\ntwo \n');
  });

  test('a special character in the new line is only that', () => {
    expect(edited({ op: 'replace', file: 'a.spec', line: 'one', with: "$& $1 $'" })).toContain("$& $1 $'\n");
  });

  test('no match names the nearest lines', () => {
    const failure = thrown('EditMismatch', () => edited({ op: 'replace', file: 'a.spec', line: 'three', with: '3' }));
    expect(failure).toEqual({ kind: 'EditMismatch', file: 'a.spec', line: 'three', matches: [], near: ['3:  three'] });
  });

  test('two matches name both lines', () => {
    const files = new Map([['a', 'x\ny\nx']]);
    const edit = { op: 'replace', file: 'a', line: 'x', with: 'z' } as const;
    const failure = thrown('EditMismatch', () => applyEdits(files, [edit]));
    expect(failure).toMatchObject({ matches: [1, 3], near: [] });
  });

  test('never more than three near lines', () => {
    const files = new Map([['a', 'abcd1\nabcd2\nabcd3\nabcd4\nsomething else entirely']]);
    const edit = { op: 'insert-after', file: 'a', line: 'abcd', text: 'z' } as const;
    expect(thrown('EditMismatch', () => applyEdits(files, [edit])).near).toEqual(['1: abcd1', '2: abcd2', '3: abcd3']);
  });

  test('a file that is not there', () => {
    const failure = thrown('EditMismatch', () => edited({ op: 'replace', file: 'b.spec', line: 'x', with: 'y' }));
    expect(failure).toMatchObject({ file: 'b.spec', near: ['file: a.spec'] });
  });
});
