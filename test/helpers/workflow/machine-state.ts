import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StepRecord } from '../../../pipeline/run/record.ts';

/** The records that a machine's ledger has. */
export async function recordsOf(root: string): Promise<StepRecord[]> {
  const keys = join(root, 'ledger/v1/keys');
  const names = await readdir(keys);
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(keys, name), 'utf8')) as StepRecord));
}

/** Unsigned packages and source packages by file name. */
export async function packagesIn(root: string): Promise<Record<string, string>> {
  const outputs = (await recordsOf(root)).flatMap((record) => record.outputs);
  const packages = outputs.filter(({ kind }) => kind === 'rpm' || kind === 'srpm');
  return Object.fromEntries(packages.map(({ name, digest }) => [name, digest]));
}

/** Everything in a machine's store and ledger. */
export async function contents(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const below of ['store/v1/sha256', 'ledger/v1/keys', 'ledger/v1/steps']) {
    const entries = await readdir(join(root, below), { recursive: true, withFileTypes: true }).catch(() => []);
    found.push(...entries.filter((entry) => entry.isFile()).map(({ name }) => name));
  }
  return found;
}

/** The ids of the steps that the runs of a machine made, from its run folders. */
export async function madeOn(workspace: string): Promise<string[]> {
  const runs = join(workspace, 'artifacts/runs');
  const made: string[] = [];
  for (const name of await readdir(runs)) {
    const summary = JSON.parse(await readFile(join(runs, name, 'summary.json'), 'utf8')) as Summary;
    made.push(...summary.steps.filter(({ state }) => state === 'made').map(({ id }) => id));
  }
  return made;
}
interface Summary {
  readonly steps: readonly { readonly id: string; readonly state: string }[];
}
