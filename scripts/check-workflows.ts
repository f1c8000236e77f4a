import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readDocument } from './workflows/document.ts';
import type { Finding } from './workflows/finding.ts';
import { readPins } from './workflows/pins.ts';
import { ruleFindings } from './workflows/rules.ts';
import { schemaFindings } from './workflows/schema.ts';
import { shellFindings } from './workflows/shell.ts';

/**
 * Checks .github/workflows/*.yml and action.yml: GitHub's own schema and expressions, shellcheck of every `run`, and our rules.
 * `check-workflows.ts [ROOT]`; prints `file:line: rule: message`; exit code 1 when something is wrong, 2 when nothing is there.
 */
const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'));
const workflows = join(root, '.github/workflows');
const files = [
  ...(existsSync(workflows) ? readdirSync(workflows) : [])
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => `.github/workflows/${name}`),
  ...['action.yml', 'action.yaml'].filter((name) => existsSync(join(root, name))),
];
const pins = readPins();
const documents = files.map((file) => readDocument(file, readFileSync(join(root, file), 'utf8')));
const findings: Finding[] = [...shellFindings(documents)];
for (const document of documents) {
  findings.push(...(await schemaFindings(root, document.file, document.text, pins)));
  findings.push(...ruleFindings(document, pins, (path) => existsSync(join(root, path))));
}

if (files.length === 0) {
  process.stderr.write(`check-workflows: no workflows in ${root}\n`);
  process.exitCode = 2;
} else if (findings.length > 0) {
  const lines = findings.map(({ file, line, rule, message }) => ({
    file,
    line,
    text: `${file}:${line}: ${rule}: ${message}`,
  }));
  lines.sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
  process.stderr.write(`${lines.map(({ text }) => text).join('\n')}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${files.length} workflow files are clean\n`);
}
