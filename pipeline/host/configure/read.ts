import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseYaml } from '../../recipe/document.ts';
import { shapeProblems } from '../../recipe/problems.ts';
import type { Report } from '../../recipe/report.ts';
import { FactoryError } from '../../run/failure.ts';
import type { Problem } from '../../run/failure.ts';
import type { Cluster, ClusterKind } from './cluster.ts';
import { normalise } from './normalise.ts';
import { checkCluster } from './rules.ts';
import { type ClusterInput, clusterSchema } from './schema.ts';

/**
 * Reads and checks a cluster file and the key that it names. All problems of one pass come at once, each with its line. `kind`
 * is that of the command line. Failures: Usage (no such file, another kind), RecipeInvalid.
 */
export async function readCluster(file: string, kind: ClusterKind | undefined): Promise<Cluster> {
  const document = parseYaml(await readText(file));
  stopAt(file, document.problems);
  const parsed = clusterSchema.safeParse(document.data);
  if (!parsed.success) throw invalid(file, shapeProblems(parsed.error.issues, document));
  const input = parsed.data;
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const report: Report = (path, message, at) => problems.push(document.problem(path, message, at));
  const chosen = kindOf(input, kind, report);
  checkCluster(input, chosen, { report, warn: (message) => warnings.push(message) });
  const key = await readOspfKey(input, dirname(file), report);
  stopAt(file, problems);
  return normalise(input, { kind: chosen, source: basename(file), key, warnings });
}

function kindOf({ kind }: ClusterInput, wanted: ClusterKind | undefined, report: Report): ClusterKind {
  if (kind !== undefined && wanted !== undefined && kind !== wanted) {
    throw new FactoryError({ kind: 'Usage', message: `--kind ${wanted}, but the cluster file says kind ${kind}` });
  }
  if (kind === undefined && wanted === undefined) report(['kind'], 'missing: say el6 or lts here, or --kind', 'key');
  return kind ?? wanted ?? 'el6';
}

/** ospfd takes 16 characters of a key; others than these would need quotes that it does not know. */
const KEY = /^[A-Za-z0-9+/=._-]{1,16}$/;

async function readOspfKey({ ospf }: ClusterInput, folder: string, report: Report): Promise<string | undefined> {
  if (ospf.authentication === undefined) return undefined;
  const path = ['ospf', 'authentication', 'keyFile'];
  try {
    const key = (await readFile(join(folder, ospf.authentication.keyFile), 'utf8')).replace(/\r?\n$/, '');
    if (KEY.test(key)) return key;
    report(path, 'holds no key: it must be one line of 1 to 16 letters, digits and + / = . _ -');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    report(path, `${ospf.authentication.keyFile} cannot be read: ${code}`);
  }
  return undefined;
}

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file));
  } catch (error) {
    if (error instanceof TypeError) throw invalid(file, [{ line: 1, column: 1, path: '', message: 'not UTF-8' }]);
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new FactoryError(
      { kind: 'Usage', message: `cannot read the cluster file ${file}: ${code}` },
      { cause: error },
    );
  }
}

function stopAt(file: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw invalid(file, problems);
}

function invalid(file: string, problems: readonly Problem[]): FactoryError {
  const sorted = [...problems].sort((one, other) => one.line - other.line || one.column - other.column);
  return new FactoryError({ kind: 'RecipeInvalid', what: 'cluster', file, problems: sorted });
}
