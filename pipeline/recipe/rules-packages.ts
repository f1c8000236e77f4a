import { BUILDID_LINE } from '../rpm/spec-edit.ts';
import { TEMPLATE_FIELDS, templatesIn } from '../rpm/templates.ts';
import { configRules } from './rules-config.ts';
import { inOrder } from './order.ts';
import { reportRepeated, rpmRule, unknownName } from './report.ts';
import type { Report } from './report.ts';
import { aptSourceOf } from './rules-sources.ts';
import type { Path } from './document.ts';
import type { PackageInput, RecipeInput } from './schema.ts';

/** Which packages must be built before which. */
export function needReferences(recipe: RecipeInput): Map<string, string[]> {
  return new Map(
    Object.entries(recipe.packages).map(([name, { needs }]) => [name, (needs ?? []).map((need) => need.package)]),
  );
}

/** Our own files that go into a package: what the recipe lists, and what it names elsewhere. The spec first. */
export function filesOf(input: PackageInput): { readonly file: string; readonly mention: Path }[] {
  const files = (input.files ?? []).map((file, index) => ({ file, mention: ['files', index] as Path }));
  if (input.srpm !== undefined) return files;
  const named = [
    { file: input.spec, mention: ['spec'] as Path },
    ...(input.config === undefined ? [] : [{ file: input.config.fragment, mention: ['config', 'fragment'] as Path }]),
  ];
  const implied = named.filter(({ file }) => !files.some((listed) => listed.file === file));
  return [...implied, ...files];
}

/** The last part of a path. */
function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function templateRule(recipe: RecipeInput, text: string, path: Path, report: Report): void {
  for (const { source, field } of templatesIn(text)) {
    if (recipe.sources[source] === undefined) {
      report(path, unknownName('source', source, Object.keys(recipe.sources)));
    } else if (!TEMPLATE_FIELDS.some((known) => known === field)) {
      report(path, unknownName('field', field, TEMPLATE_FIELDS));
    } else if (aptSourceOf(recipe, source) === undefined) {
      report(path, `source "${source}" has no known version: only an apt source has one`);
    }
  }
}

function sourcesRules(recipe: RecipeInput, name: string, input: PackageInput, report: Report): void {
  const names = Object.keys(recipe.sources);
  const at: Path = ['packages', name];
  if (input.srpm !== undefined && !names.includes(input.srpm)) {
    report([...at, 'srpm'], unknownName('source', input.srpm, names));
  }
  const taken = new Set(filesOf(input).map(({ file }) => baseName(file)));
  for (const [index, { source, as }] of (input.sources ?? []).entries()) {
    const path = [...at, 'sources', index];
    const from = recipe.sources[source];
    if (from === undefined) {
      report([...path, 'source'], unknownName('source', source, names));
      continue;
    }
    if (as !== undefined) templateRule(recipe, as, [...path, 'as'], report);
    if (as === undefined && from.kind === 'apt') {
      report(path, `"as" is needed: the name of what apt fetches for "${source}" is not known before`);
    }
    const known = as ?? (from.kind === 'file' ? baseName(from.path) : from.kind === 'apt' ? undefined : from.file);
    if (known === undefined) continue;
    if (taken.has(known)) report(path, `SOURCES would have two files "${known}"`);
    taken.add(known);
  }
  reportRepeated((input.files ?? []).map(baseName), (index) => [...at, 'files', index], report);
}

function patchRules(recipe: RecipeInput, name: string, input: PackageInput, report: Report): void {
  const names = Object.keys(recipe.sources);
  const at: Path = ['packages', name];
  for (const [index, source] of (input.patches?.sources ?? []).entries()) {
    const from = recipe.sources[source];
    const path = [...at, 'patches', 'sources', index];
    if (from === undefined) report(path, unknownName('source', source, names));
    else if (from.kind === 'apt') report(path, `source "${source}" comes by apt: its file name is not known before`);
  }
  if (input.patches !== undefined && input.patches.dir === undefined && (input.patches.sources ?? []).length === 0)
    report([...at, 'patches'], 'must have dir or sources', 'key');
  if (input.patchedTree !== undefined && !names.includes(input.patchedTree.source))
    report([...at, 'patchedTree', 'source'], unknownName('source', input.patchedTree.source, names));
  if (input.source === 'patched-tree' && input.patchedTree === undefined)
    report([...at, 'source'], 'patched-tree needs "patchedTree" to say where the tree comes from');
}

function editRules(recipe: RecipeInput, name: string, input: PackageInput, report: Report): void {
  const files = filesOf(input).map(({ file }) => baseName(file));
  for (const [index, edit] of (input.edits ?? []).entries()) {
    const path: Path = ['packages', name, 'edits', index];
    if (input.srpm === undefined && !files.includes(edit.file)) {
      report([...path, 'file'], unknownName('file', edit.file, files));
    }
    if (edit.line === BUILDID_LINE && edit.file === input.spec) {
      report([...path, 'line'], 'the buildid has a key of its own: "buildid"');
    }
    const field = edit.op === 'replace' ? 'with' : 'text';
    templateRule(recipe, edit.op === 'replace' ? edit.with : edit.text, [...path, field], report);
  }
}

/** Packages refer to sources, roles and each other; nothing overwrites anything. */
export function packageRules(recipe: RecipeInput, report: Report): void {
  const made = new Map<string, string>();
  for (const [name, input] of Object.entries(recipe.packages)) {
    const at: Path = ['packages', name];
    if (input.role !== undefined && recipe.roles[input.role] === undefined) {
      report([...at, 'role'], unknownName('role', input.role, Object.keys(recipe.roles)));
    }
    sourcesRules(recipe, name, input, report);
    patchRules(recipe, name, input, report);
    editRules(recipe, name, input, report);
    configRules(name, input, report);
    for (const [index, need] of (input.needs ?? []).entries()) rpmRule(recipe, need, [...at, 'needs', index], report);
    reportRepeated(input.produces, (index) => [...at, 'produces', index], report);
    for (const [index, rpm] of (input.optional ?? []).entries())
      if (input.produces.includes(rpm)) report([...at, 'optional', index], `"${rpm}" is in "produces" already`);
    reportRepeated(input.with ?? [], (index) => [...at, 'with', index], report);
    if (input.defines?.['dist'] !== undefined)
      report([...at, 'defines', 'dist'], 'dist is set for the whole recipe', 'key');
    // Same name and same release: one file would replace the other in the repository.
    const outputs = [`${input.spec} (source package)`, ...new Set(input.produces)];
    for (const output of outputs) {
      const full = `${output} ${input.buildid ?? ''}`;
      const other = made.get(full);
      const place: Path = output === outputs[0] ? [...at, 'spec'] : [...at, 'produces', input.produces.indexOf(output)];
      if (other !== undefined) report(place, `${output} comes out of package ${other} already, with the same buildid`);
      else made.set(full, name);
    }
  }
  const ordered = inOrder(needReferences(recipe));
  if ('cycle' in ordered) {
    report(['packages', ordered.cycle[0] ?? '', 'needs'], `a cycle of needs: ${ordered.cycle.join(' -> ')}`);
  }
}
