import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from 'yaml';

/** A job, step, trigger or the like as plain data. */
export type Data = Readonly<Record<string, unknown>>;

/** Where something stands in a document. */
export type Path = readonly (string | number)[];

/** A workflow or action file with the lines of its parts. */
export interface WorkflowDocument {
  readonly file: string;
  readonly text: string;
  readonly kind: 'workflow' | 'action';
  readonly data: Data;
  /** Line (from 1) of the value at a path, or of the nearest thing around it that is there. */
  line(path: Path): number;
  /** Line (from 1) of the key of the value at a path. */
  keyLine(path: Path): number;
  /** Every text in the document, with its path. */
  readonly texts: readonly { readonly path: Path; readonly text: string; readonly line: number }[];
}

/** Parses a file for the rules. What is no mapping comes out empty: the schema says so. Throws nothing. */
export function readDocument(file: string, text: string): WorkflowDocument {
  const lines = new LineCounter();
  const parsed = parseDocument(text, { lineCounter: lines });
  const lineOf = (node: Node | null | undefined): number | undefined =>
    node?.range == null ? undefined : lines.linePos(node.range[0]).line;

  function line(path: Path): number {
    const found = path.length === 0 ? parsed.contents : parsed.getIn(path, true);
    const here = isNode(found) ? lineOf(found) : undefined;
    return here ?? (path.length === 0 ? 1 : line(path.slice(0, -1)));
  }
  function keyLine(path: Path): number {
    const around = path.length === 1 ? parsed.contents : parsed.getIn(path.slice(0, -1), true);
    const pair = isMap(around) ? around.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : undefined;
    return (isScalar(pair?.key) ? lineOf(pair.key) : undefined) ?? line(path);
  }

  const texts: { path: Path; text: string; line: number }[] = [];
  visit(parsed, {
    Scalar(key, node, ancestors) {
      if (key !== 'key' && typeof node.value === 'string')
        texts.push({ path: pathOf(node, ancestors), text: node.value, line: lineOf(node) ?? 1 });
    },
  });
  const data: unknown = parsed.toJS();
  return {
    file,
    text,
    kind: /(?:^|\/)action\.ya?ml$/.test(file) ? 'action' : 'workflow',
    data: dataOf(data),
    line,
    keyLine,
    texts,
  };
}

/** A mapping as it is, anything else as an empty one. */
export function dataOf(value: unknown): Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Data) : {};
}

/** A sequence as it is, anything else as an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text as it is, anything else as an empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value;
}

function pathOf(node: unknown, ancestors: readonly unknown[]): Path {
  const path: (string | number)[] = [];
  const chain = [...ancestors, node];
  chain.forEach((one, index) => {
    const next = chain[index + 1];
    if (isSeq(one)) path.push(one.items.indexOf(next));
    else if (isMap(one)) {
      const key: unknown = one.items.find((pair) => pair === next)?.key;
      if (isScalar(key)) path.push(String(key.value));
    }
  });
  return path;
}
