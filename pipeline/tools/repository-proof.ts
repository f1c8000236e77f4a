import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../store/durable.ts';

/**
 * What a snapshot lacks to be published: its page, which is written last, and every installation and boot in `evidence/` with a good end. Returns the problems in words.
 */
export async function proofProblems(dir: string): Promise<string[]> {
  const problems = (await isThere(join(dir, 'index.html')))
    ? []
    : ['index.html: missing, so this snapshot was built but never proven'];
  const names = (await isThere(join(dir, 'evidence'))) ? await readdir(join(dir, 'evidence')) : [];
  for (const name of names.filter((one) => /^verify-(install-.*|boot)\.json$/.test(one)).sort())
    if (!(await saysOk(join(dir, 'evidence', name)))) problems.push(`evidence/${name}: does not say that all is well`);
  return problems;
}

async function saysOk(path: string): Promise<boolean> {
  try {
    return (JSON.parse(await readFile(path, 'utf8')) as { readonly ok?: unknown } | null)?.ok === true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
