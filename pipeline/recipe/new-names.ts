import type { z } from 'zod';
import { meant } from '../plan/similar.ts';
import type { Problem } from '../run/failure.ts';
import type { YamlDocument } from './document.ts';
import type { Layered } from './layered.ts';

type Issue = z.core.$ZodIssue;

/** Sections in which a recipe may have entries that the one it extends has not, and what one of them is called. */
const SECTIONS: Readonly<Record<string, string>> = {
  bases: 'base',
  keys: 'key',
  sources: 'source',
  packages: 'package',
  roles: 'role',
};

/**
 * A misspelt name in a recipe that extends another one reads as something new of which most is missing. That is told once, in
 * place of all that is missing; `rest` are the issues that remain.
 */
export function unfinished(
  issues: readonly Issue[],
  document: YamlDocument,
  base: { readonly name: string; readonly layered: Layered },
): { readonly told: readonly Problem[]; readonly rest: readonly Issue[] } {
  const told = new Map<string, { readonly section: string; readonly name: string; readonly missing: string[] }>();
  for (const { path } of issues) {
    const [section, name, key] = path.map(String);
    if (section === undefined || name === undefined || key === undefined) continue;
    if (SECTIONS[section] === undefined || namesIn(base.layered, section).includes(name)) continue;
    if (path.length !== 3 || valueIn(document.data, [section, name, key]) !== undefined) continue;
    const id = `${section}.${name}`;
    const one = told.get(id) ?? { section, name, missing: [] };
    one.missing.push(key);
    told.set(id, one);
  }
  const isTold = ({ path }: Issue) => told.has(path.slice(0, 2).map(String).join('.'));
  return {
    rest: issues.filter((issue) => !isTold(issue)),
    told: [...told.values()].map(({ section, name, missing }) => {
      const names = namesIn(base.layered, section);
      const what = SECTIONS[section] ?? section;
      const has = `${base.name} has: ${names.join(', ') || 'none'}${meant(name, names)}`;
      const message = `${base.name} has no ${what} "${name}" to change, and for a new one this lacks ${missing.join(', ')}; ${has}`;
      return document.problem([section, name], message, 'key');
    }),
  };
}

function namesIn(layered: Layered, section: string): string[] {
  const inside = layered.kind === 'map' ? layered.entries.get(section) : undefined;
  return inside?.kind === 'map' ? [...inside.entries.keys()] : [];
}

function valueIn(data: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined,
    data,
  );
}
