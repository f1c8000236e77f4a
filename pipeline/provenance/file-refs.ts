import type { FileRef } from '../plan/params.ts';

/** Every file of ours that params name, however deep, each once, by root and path. */
export function fileRefsIn(values: readonly unknown[]): readonly FileRef[] {
  const found = new Map<string, FileRef>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (isFileRef(value)) found.set(`${value.root}/${value.path}/${value.sha256}`, value);
    else Object.values(value).forEach(walk);
  };
  values.forEach(walk);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ref]) => ref);
}

function isFileRef(value: object): value is FileRef {
  return 'root' in value && 'path' in value && 'sha256' in value;
}

/** Params without the scripts that run in the container, which are the factory's and not the recipe's. */
export function withoutScripts(params: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(params).filter(([name]) => name !== 'scripts'));
}
