import type { Edit, PatchSeries } from '../plan/params.ts';

/** The line that kernel.spec has had since Fedora's times for people with a build of their own. */
export const BUILDID_LINE = '# % define buildid .local';

/** Sets the buildid, which ends in the release and in `uname -r`. */
export function buildidEdit(spec: string, buildid: string): Edit {
  return { op: 'replace', file: spec, line: BUILDID_LINE, with: `%define buildid ${buildid}` };
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Names of all patches in the order in which they are applied: those of upstream, then those of the series. */
function patchNames(series: PatchSeries, upstream: readonly string[]): string[] {
  return [...upstream, ...series.files.map((file) => fileName(file.path))];
}

/** Declares patches in a spec and applies them: those of upstream (by name), then the series. */
export function patchEdits(spec: string, series: PatchSeries, upstream: readonly string[]): Edit[] {
  const names = patchNames(series, upstream);
  if (names.length === 0) return [];
  const patches = names.map((name, index) => ({ name, number: series.firstNumber + index }));
  const declared = patches.map(({ name, number }) => `Patch${number}: ${name}`);
  const applied = patches.map(({ name, number }) =>
    series.applyWith.replace(/\{(name|number)\}/g, (_, field) => (field === 'name' ? name : String(number))),
  );
  return [
    { op: 'insert-before', file: spec, line: series.declareBefore, text: declared.join('\n') },
    { op: 'insert-before', file: spec, line: series.applyBefore, text: applied.join('\n') },
  ];
}
