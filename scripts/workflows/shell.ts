import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { WorkflowDocument } from './document.ts';
import type { Finding } from './finding.ts';
import { firstLine } from './rules.ts';
import { stepsOf } from './steps.ts';

/** What of shellcheck's JSON is used. */
interface Comment {
  readonly file: string;
  readonly line: number;
  readonly code: number;
  readonly message: string;
}

/** How GitHub starts a `shell: bash`. */
const OPTIONS = 'set -eo pipefail';

/** shellcheck on every `run` of the documents, in one process. Throws when there is no shellcheck. */
export function shellFindings(documents: readonly WorkflowDocument[]): Finding[] {
  const blocks = documents.flatMap((document) =>
    stepsOf(document).flatMap(({ step, path }) =>
      typeof step.run === 'string'
        ? [{ file: document.file, first: firstLine(document, [...path, 'run']), run: step.run }]
        : [],
    ),
  );
  if (blocks.length === 0) return [];
  const dir = mkdtempSync(join(tmpdir(), 'check-workflows-'));
  try {
    const files = blocks.map(({ run }, index) => {
      const file = join(dir, `${index}.bash`);
      // An expression is a finding of its own; here it only has to be a word.
      writeFileSync(file, `${OPTIONS}\n${run.replaceAll(/\$\{\{[^}]*\}\}/g, 'expression')}`);
      return file;
    });
    const { stdout, error } = spawnSync('shellcheck', ['--shell=bash', '--norc', '--format=json1', ...files], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    if (error !== undefined) throw new Error(`shellcheck does not run: ${error.message}`, { cause: error });
    const { comments } = JSON.parse(stdout) as { comments: readonly Comment[] };
    return comments.flatMap(({ file, line, code, message }) => {
      const block = blocks[Number.parseInt(basename(file), 10)];
      return block === undefined
        ? []
        : [{ file: block.file, line: block.first + line - 2, rule: 'shellcheck', message: `SC${code}: ${message}` }];
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
}
