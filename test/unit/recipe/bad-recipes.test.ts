import { describe, expect, test } from 'vitest';
import { CASES } from './bad-recipe-cases.ts';
import { failureOf, helloCopy, problemsOf } from './hello-copy.ts';

describe('bad recipes', () => {
  test.each(CASES)('%s', async (_name, find, by, problems) => {
    using copy = helloCopy();
    await copy.replace('recipe.yaml', find, by);
    expect(problemsOf(await failureOf(copy.read()))).toEqual(problems);
  });
});
