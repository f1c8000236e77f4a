import { expect, test } from 'vitest';
import { z } from 'zod';
import { inOrder } from '../../../pipeline/recipe/order.ts';
import { recipeSchema } from '../../../pipeline/recipe/schema.ts';
import { parseSeries, patchHeader, patchSubject } from '../../../pipeline/recipe/series.ts';

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
}

/** Paths of keys that an editor could say nothing about. */
function undescribed(schema: JsonSchema, path: string): string[] {
  const { properties = {}, additionalProperties, items, oneOf = [] } = schema;
  return [
    ...Object.entries(properties).flatMap(([key, inner]) => [
      ...(inner.description === undefined ? [`${path}.${key}`] : []),
      ...undescribed(inner, `${path}.${key}`),
    ]),
    ...(typeof additionalProperties === 'object' ? undescribed(additionalProperties, `${path}.*`) : []),
    ...(items === undefined ? [] : undescribed(items, `${path}[]`)),
    ...oneOf.flatMap((inner) => undescribed(inner, path)),
  ];
}

test('every key of the JSON Schema has a description', () => {
  const schema = z.toJSONSchema(recipeSchema, { io: 'input' }) as JsonSchema;
  expect(Object.keys(schema.properties ?? {})).toContain('packages');
  expect(undescribed(schema, 'recipe')).toEqual([]);
});

test('an order keeps what it can and finds cycles', () => {
  expect(
    inOrder(
      new Map([
        ['b', ['a']],
        ['c', []],
        ['a', []],
      ]),
    ),
  ).toEqual({ order: ['a', 'b', 'c'] });
  expect(
    inOrder(
      new Map([
        ['a', ['b', 'elsewhere']],
        ['b', ['c']],
        ['c', ['b']],
      ]),
    ),
  ).toEqual({ cycle: ['b', 'c', 'b'] });
});

test('a series has comments and empty lines', () => {
  expect(parseSeries('# ours\n\n a.patch # why\nb#1.patch\r\n')).toEqual([
    { name: 'a.patch', line: 3 },
    { name: 'b#1.patch', line: 4 },
  ]);
});

test('only what stands before the first diff is the header', () => {
  const header = 'Origin: x\nReason: y\n---\n a | 1 +\n\n';
  expect(patchHeader(`${header}--- a/a\n+++ b/a\n+Upstream-status: z\n`)).toEqual({
    missing: ['Upstream-status'],
    end: 5,
  });
  expect(patchHeader(`${header}Upstream-status: z\ndiff --git a/a b/a\n`).missing).toEqual([]);
  expect(patchHeader('--- a/a\n').missing).toEqual(['Origin', 'Reason', 'Upstream-status']);
  expect(patchHeader('Origin:\nReason:   \n').missing).toEqual(['Origin', 'Reason', 'Upstream-status']);
});

test('a patch is called by its subject, wherever that breaks its line', () => {
  expect(patchSubject('From: x\nSubject: [PATCH v2 1/2] ipvs: one\n thing\nOrigin: here\n')).toBe('ipvs: one thing');
  expect(patchSubject('Subject: one thing\n')).toBe('one thing');
  expect(patchSubject('Origin: here\n\nThe Subject: is another\n')).toBeNull();
});
