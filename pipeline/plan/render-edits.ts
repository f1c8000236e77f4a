import { configLine } from '../rpm/kernel-config.ts';
import { patchEdits } from '../rpm/spec-edit.ts';
import type { AssembleSrpmParams, Edit } from './params.ts';
import type { Step } from './step.ts';

/** One change as lines of a diff; the text around it is not known before the source package is here. */
function editLines(edit: Edit): string[] {
  const added = (text: string) =>
    text
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => `+${line}`);
  switch (edit.op) {
    case 'replace':
      return ['@@', `-${edit.line}`, ...added(edit.with)];
    case 'insert-before':
      return ['@@', ...added(edit.text), ` ${edit.line}`];
    case 'insert-after':
      return ['@@', ` ${edit.line}`, ...added(edit.text)];
  }
}

function configLines({ configSet, configAdd, configOverride }: AssembleSrpmParams): [string, string[]][] {
  const set = Object.entries(configSet?.values ?? {}).flatMap(([name, value]) => [
    '@@',
    `-${name}=… or # ${name} is not set`,
    `+${configLine(name, value)}`,
  ]);
  const add = Object.entries(configAdd?.values ?? {}).map(([name, value]) => `+${configLine(name, value)}`);
  const over = Object.entries(configOverride?.values ?? {}).map(([name, value]) => `+${configLine(name, value)}`);
  return [
    [configSet?.file ?? '', set],
    [configAdd?.file ?? '', add.length === 0 ? [] : ['@@ at the end', ...add]],
    [configOverride?.file ?? '', over.length === 0 ? [] : ['@@ in place of its line, or at the end', ...over]],
  ];
}

/** The changes to one source package as a diff without line numbers, in the order in which they are made. */
function diffOf(params: AssembleSrpmParams): string[] {
  const patches = params.patches === null ? [] : patchEdits(params.spec, params.patches, params.patchNames);
  const byFile = new Map<string, string[]>();
  const add = (file: string, lines: readonly string[]) => {
    if (lines.length > 0) byFile.set(file, [...(byFile.get(file) ?? []), ...lines]);
  };
  for (const edit of [...params.edits, ...patches]) add(edit.file, editLines(edit));
  for (const [file, lines] of configLines(params)) add(file, lines);
  return [...byFile].flatMap(([file, lines]) => [`--- ${file}`, `+++ ${file}`, ...lines]);
}

/** What is changed in the source packages of these steps; every changed line must be there exactly once. Empty: nothing. */
export function editsText(steps: readonly Step[]): string {
  return steps
    .flatMap((step) => {
      if (step.stage !== 'assemble-srpm') return [];
      const lines = diffOf(step.params);
      return lines.length === 0 ? [] : [[`edits of ${step.params.package}`, ...lines].join('\n')];
    })
    .join('\n\n');
}
