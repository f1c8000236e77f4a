import type { z } from 'zod';
import { meant } from '../plan/similar.ts';
import type { Problem } from '../run/failure.ts';
import type { Path, YamlDocument } from './document.ts';

type Issue = z.core.$ZodIssue;

/** Finds the value at a path of plain data. */
function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[part] : undefined,
    data,
  );
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  return `${typeof value} ${show(value)}`;
}

const KINDS: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  string: 'a string',
};

/** What the schema found, in words and at the places where it stands. */
export function shapeProblems(issues: readonly Issue[], document: YamlDocument): Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    const value = valueAt(document.data, path);
    if (value === undefined && issue.code !== 'unrecognized_keys') return [missingKey(path, issue, document)];
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => {
          const suggestion = meant(key, issue.message.split(', '));
          return document.problem(
            [...path, key],
            `unknown key "${key}"; allowed: ${issue.message}${suggestion}`,
            'key',
          );
        });
      case 'invalid_type':
        return [document.problem(path, `must be ${KINDS[issue.expected] ?? issue.expected}, not ${kindOf(value)}`)];
      case 'invalid_key': {
        const why = issue.issues.map((inner) => inner.message).join(', ');
        return [document.problem(path, `key ${show(path.at(-1))} ${why}`, 'key')];
      }
      case 'invalid_union':
        if (!('options' in issue)) return [document.problem(path, `${show(value)} ${issue.message}`)];
        return [document.problem(path, notOneOf(value, (issue.options ?? []).map(String)))];
      case 'invalid_value':
        return issue.values.length > 1
          ? [document.problem(path, notOneOf(value, issue.values.map(String)))]
          : [document.problem(path, `${show(value)} ${issue.message}`)];
      case 'too_small':
      case 'too_big':
      case 'invalid_format':
      case 'not_multiple_of':
      case 'invalid_element':
      case 'custom':
        return [document.problem(path, Array.isArray(value) ? issue.message : `${show(value)} ${issue.message}`)];
    }
  });
}

function notOneOf(value: unknown, allowed: readonly string[]): string {
  const suggestion = typeof value === 'string' ? meant(value, allowed) : '';
  return `${show(value)} is not one of: ${allowed.join(', ')}${suggestion}`;
}

function missingKey(path: Path, issue: Issue, document: YamlDocument): Problem {
  const options = issue.code === 'invalid_union' && 'options' in issue ? (issue.options ?? []) : [];
  const values = issue.code === 'invalid_value' ? issue.values : options;
  const allowed = values.length > 0 ? ` (one of: ${values.map(String).join(', ')})` : '';
  return document.problem(path, `missing key "${String(path.at(-1))}"${allowed}`, 'key');
}
