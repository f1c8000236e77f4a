import { canonicalJson } from './canonical-json.ts';
import type { Identity } from './record.ts';

/** Why a step without a record runs, in a few words for the progress line; `explain` has the whole story. */
export function whyNew(before: Identity | undefined, now: Identity): string {
  if (before === undefined) return 'first time';
  if (before.stage !== now.stage || before.version !== now.version) return 'stage changed';
  const params = changedNames(before.params, now.params);
  const inputs = changedNames(before.inputs, now.inputs);
  const parts = [...inputs.map((name) => `input ${name}`), ...params.map((name) => `param ${name}`)];
  // The same identity without a record: the record was lost or could not be read.
  return parts.length > 0 ? `changed: ${parts.join(', ')}` : 'record missing';
}

function changedNames(before: unknown, now: unknown): string[] {
  const old = new Map(Object.entries(before ?? {}));
  const current = new Map(Object.entries(now ?? {}));
  const names = [...new Set([...old.keys(), ...current.keys()])].sort();
  return names.filter((name) => textOf(old.get(name)) !== textOf(current.get(name)));
}

function textOf(value: unknown): string {
  return value === undefined ? '' : canonicalJson(value);
}
