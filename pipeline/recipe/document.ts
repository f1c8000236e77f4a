import { isMap, isSeq, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { Document, Node, Pair } from 'yaml';
import type { Problem } from '../run/failure.ts';

/** Keys and indexes from the root of a document to one of its values. */
export type Path = readonly (string | number)[];

/** A parsed YAML file that still knows where everything stands. */
export interface YamlDocument {
  /** Plain data: null when the file is empty. */
  readonly data: unknown;
  /** Syntax errors, duplicate keys, aliases; when there are any, `data` means nothing. */
  readonly problems: readonly Problem[];
  /** A problem at the value (or the key) of a path, or at the nearest thing above it that is there. */
  problem(path: Path, message: string, at?: 'value' | 'key'): Problem;
  /** The text of a scalar as it stands in the file; undefined for anything else. */
  sourceOf(path: Path): string | undefined;
}

/** `edits[0].line`: a path for people. */
function showPath(path: Path): string {
  return path.reduce<string>((shown, part) => {
    if (typeof part === 'number') return `${shown}[${part}]`;
    return shown === '' ? part : `${shown}.${part}`;
  }, '');
}

/** Parses YAML 1.2 (core schema) without anchors and aliases: a recipe says what it means where it stands. */
export function parseYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: 'core',
    uniqueKeys: true,
    merge: false,
    prettyErrors: false,
    stringKeys: true,
  });
  const at = (offset: number, path: Path, message: string): Problem => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col), path: showPath(path), message };
  };
  const problems = [...document.errors, ...document.warnings].map((error) =>
    at(error.pos[0], [], `YAML: ${error.message}`),
  );
  visit(document, {
    Alias: (_key, node) => {
      problems.push(at(node.range?.[0] ?? 0, [], 'aliases are not allowed: write the value out'));
    },
    Node: (_key, node) => {
      if ('anchor' in node && typeof node.anchor === 'string') {
        problems.push(at(node.range?.[0] ?? 0, [], 'anchors are not allowed: write the value out where it is used'));
      }
    },
  });
  return {
    data: problems.length === 0 ? (document.toJS() as unknown) : null,
    problems: problems.sort((a, b) => a.line - b.line || a.column - b.column),
    problem: (path, message, where = 'value') => at(offsetOf(document, path, where), path, message),
    sourceOf: (path) => {
      const node = document.getIn(path, true);
      return isScalar(node) ? node.source : undefined;
    },
  };
}

function offsetOf(document: Document.Parsed, path: Path, where: 'value' | 'key'): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const [index, part] of path.entries()) {
    const last = index === path.length - 1;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? key.value : key) === part) as
        Pair<Node, Node | null> | undefined;
      if (pair === undefined) return offset;
      // What lacks something is named by its key; what is wrong is shown itself.
      const shown = last && where === 'value' ? (pair.value ?? pair.key) : pair.key;
      offset = shown.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      const item = node.items[Number(part)] as Node | undefined;
      if (item === undefined) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
}
