import { describe as suite, expect, it } from 'vitest';
import { describe, tailOf } from '../../../pipeline/report/describe.ts';
import { failureLines } from '../../../pipeline/report/terminal/failure-lines.ts';
import { examples } from './failures.ts';

const all = Object.values(examples);
/** Commands of bin/factory that exist; advice may name no others. */
const COMMANDS = [
  'doctor',
  'plan',
  'explain',
  'fetch',
  'lock',
  'vendor',
  'build',
  'export',
  'publish',
  'demo',
  'verify',
  'serve',
  'prune',
  'shell',
  '--help',
];

suite('describe', () => {
  it.each(all)('$kind: one short line, advice, and only commands that exist', (failure) => {
    const { short, detail, advice } = describe(failure);
    expect(short).toMatch(/^\S.{5,}$/);
    expect(short).not.toMatch(/undefined|\[object/);
    expect([...detail, ...advice].join('\n')).not.toMatch(/undefined|\[object/);
    expect(advice.length).toBeGreaterThan(0);
    for (const line of advice) expect(line).toMatch(/^\S[^\n]*\S$/);
    for (const [, command] of advice.join(' ').matchAll(/bin\/factory (\S+?)[`. ]/g))
      expect(COMMANDS).toContain(command);
  });

  it('reads as before, kind by kind', async () => {
    const text = all.map((failure) => `== ${failure.kind}\n${failureLines(failure).join('\n')}\n`).join('\n');
    await expect(text).toMatchFileSnapshot('snapshots/failures.txt');
  });

  it('makes foreign text safe and keeps the short line one line', () => {
    const { short, detail } = describe({
      kind: 'DiskFull',
      path: '/a\nb',
      detail: '\u001b[31mred\u001b[0m\nnext\u0007',
    });
    expect(short).toBe('no space left at /a b');
    expect(detail).toEqual(['red', 'next']);
  });

  it('gives the place of the first problem of a recipe, and no place where there is none', () => {
    expect(describe(examples.RecipeInvalid).location).toEqual({
      file: 'pipeline/recipes/lts/recipe.yaml',
      line: 7,
      column: 3,
    });
    expect(describe(examples.EditMismatch).location).toBeUndefined();
  });

  it('says something else when the memory ran out', () => {
    expect(describe({ ...examples.ContainerExit, oom: true, code: 137 }).short).toContain('memory');
    expect(describe({ ...examples.ContainerExit, code: 139 }).detail.join()).toContain('SIGSEGV');
  });

  it('survives empty lists', () => {
    expect(describe({ ...examples.AllMirrorsFailed, attempts: [] }).short).toContain('no mirror');
    expect(describe({ ...examples.RecipeInvalid, problems: [] }).short).toContain('recipe.yaml');
    expect(describe({ ...examples.EditMismatch, matches: [], near: [] }).detail).toContain('matches  0 times');
  });

  it('takes the tail of those that have one', () => {
    expect(tailOf(examples.ContainerIdle)).toEqual(['one', 'two']);
    expect(tailOf(examples.Cancelled)).toEqual([]);
  });
});
