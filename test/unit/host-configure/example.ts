import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readCluster } from '../../../pipeline/host/configure/read.ts';
import type { Cluster, ClusterKind } from '../../../pipeline/host/configure/cluster.ts';
import { failureOfKind } from '../../helpers/failure.ts';
import { memoryDir } from '../../helpers/temp-dir.ts';

const FACTORY = resolve(import.meta.dirname, '../../..');
const EXAMPLE = join(FACTORY, 'docs/examples/cluster.yaml');
/** What is put at the head of /etc/fullnat/director. */
export const SCRIPT = readFileSync(join(FACTORY, 'pipeline/host/configure/director.sh'), 'utf8');

/** Replacements in the text of the example; each must match exactly once. */
export type Edits = readonly (readonly [find: string, by: string])[];

/** A copy of the example with edits; a new directory with it and a key. */
export function exampleFile(edits: Edits): string {
  const dir = memoryDir();
  const text = edits.reduce(
    (before, [find, by]) => {
      const parts = before.split(find);
      if (parts.length !== 2) throw new Error(`${find} is ${parts.length - 1} times in the example`);
      return parts.join(by);
    },
    readFileSync(EXAMPLE, 'utf8'),
  );
  writeFileSync(join(dir, 'cluster.yaml'), text);
  writeFileSync(join(dir, 'ospf.key'), 'test-key\n');
  return join(dir, 'cluster.yaml');
}

export const example = (edits: Edits = [], kind?: ClusterKind): Promise<Cluster> =>
  readCluster(exampleFile(edits), kind);

/** Problems of the example with edits, as `path, at <the word that stands there>: message`. */
export async function problemsOf(edits: Edits): Promise<string[]> {
  const file = exampleFile(edits);
  const lines = readFileSync(file, 'utf8').split('\n');
  const failure = await failureOfKind('RecipeInvalid', readCluster(file, undefined));
  return failure.problems.map(({ line, column, path, message }) => {
    const [word] = /^[^\s,}\]]+/.exec(lines[line - 1]?.slice(column - 1) ?? '') ?? ['nothing'];
    return `${path}, at ${word}: ${message}`;
  });
}
