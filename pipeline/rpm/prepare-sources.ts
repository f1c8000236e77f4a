import type { SourceInfo } from '../plan/artifact.ts';
import type { AssembleSrpmParams, Edit } from '../plan/params.ts';
import { configAdd, configLine, configOverride, configSet } from './kernel-config.ts';
import { patchEdits } from './spec-edit.ts';
import { expandTemplates } from './templates.ts';
import { applyEdits, textOf } from './text-edit.ts';

function filled(edit: Edit, infos: ReadonlyMap<string, SourceInfo>): Edit {
  if (edit.op === 'replace') return { ...edit, with: expandTemplates(edit.with, infos) };
  return { ...edit, text: expandTemplates(edit.text, infos) };
}

/**
 * All that happens to the text files of a source package: edits, configuration values, patches declared in the spec.
 * `files` are the texts by name, the spec among them; the result has the same names. Failures: EditMismatch, SourceMissing.
 */
export function prepareSources(
  params: Pick<
    AssembleSrpmParams,
    'spec' | 'edits' | 'configSet' | 'configAdd' | 'configOverride' | 'patchNames' | 'patches'
  >,
  files: ReadonlyMap<string, string>,
  infos: ReadonlyMap<string, SourceInfo>,
): Map<string, string> {
  const edits = params.edits.map((edit) => filled(edit, infos));
  const patches = params.patches === null ? [] : patchEdits(params.spec, params.patches, params.patchNames);
  const result = applyEdits(files, [...edits, ...patches]);
  for (const [apply, config] of [
    [configSet, params.configSet],
    [configAdd, params.configAdd],
    [configOverride, params.configOverride ?? null],
  ] as const) {
    if (config === null) continue;
    const [[name, value] = ['', '']] = Object.entries(config.values);
    const text = textOf(result, config.file, configLine(name, value));
    result.set(config.file, apply(config.file, text, config.values));
  }
  return result;
}

/** Which text files `prepareSources` wants to see, beside those of the recipe: for a spec inside an SRPM. */
export function textFilesOf(
  params: Pick<AssembleSrpmParams, 'spec' | 'edits' | 'configSet' | 'configAdd' | 'configOverride'>,
): string[] {
  const all = [params.configSet, params.configAdd, params.configOverride ?? null];
  const config = all.flatMap((one) => (one === null ? [] : [one.file]));
  return [...new Set([params.spec, ...params.edits.map((edit) => edit.file), ...config])];
}
