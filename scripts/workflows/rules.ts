import { type Data, dataOf, type Path, textOf, type WorkflowDocument } from './document.ts';
import type { Finding } from './finding.ts';
import { jobsOf, stepsOf, triggersOf } from './steps.ts';
import { trustFindings } from './rules-trust.ts';
import { usesFindings } from './rules-uses.ts';
import type { Pins } from './pins.ts';

/** The runner that the jobs were written for; `-latest` would change under them. */
const RUNNER = 'ubuntu-24.04';

/** What this project asks of its workflows beyond GitHub's schema. `exists`: whether a local `./path` is there. */
export function ruleFindings(
  document: WorkflowDocument,
  pins: Pins,
  exists: (path: string) => boolean,
): readonly Finding[] {
  const at = (line: number, rule: string, message: string): Finding => ({ file: document.file, line, rule, message });
  return [
    ...(document.kind === 'workflow' ? [...wholeFindings(document, at), ...jobFindings(document, at)] : []),
    ...stepFindings(document, at),
    ...usesFindings(document, pins, exists),
    ...trustFindings(document),
  ];
}

type At = (line: number, rule: string, message: string) => Finding;

function wholeFindings(document: WorkflowDocument, at: At): readonly Finding[] {
  const { data } = document;
  const findings: Finding[] = [];
  const top = data.permissions;
  if (typeof top !== 'object' || top === null || Object.keys(top).length > 0)
    findings.push(
      at(
        document.keyLine(['permissions']),
        'permissions',
        'the workflow must say `permissions: {}`; jobs ask for theirs',
      ),
    );
  if (data.concurrency === undefined && !triggersOf(document).includes('workflow_call'))
    findings.push(at(1, 'concurrency', 'the workflow must have a `concurrency` group'));
  return findings;
}

function jobFindings(document: WorkflowDocument, at: At): readonly Finding[] {
  return jobsOf(document).flatMap(([name, job]) => {
    const path: Path = ['jobs', name];
    const line = document.keyLine(path);
    const found: Finding[] = [];
    const isCall = typeof job.uses === 'string';
    if (typeof job.permissions !== 'object' || job.permissions === null)
      found.push(at(line, 'permissions', `job ${name} must list its \`permissions\`, each by name`));
    if (!isCall && typeof job['timeout-minutes'] !== 'number')
      found.push(at(line, 'timeout', `job ${name} must have \`timeout-minutes\`, a number`));
    if (!isCall && job['runs-on'] !== RUNNER)
      found.push(at(document.keyLine([...path, 'runs-on']), 'runner', `job ${name} must run on ${RUNNER}`));
    return found;
  });
}

function stepFindings(document: WorkflowDocument, at: At): readonly Finding[] {
  return stepsOf(document).flatMap(({ step, path, job }) => {
    if (typeof step.run !== 'string') return [];
    const found: Finding[] = [];
    const inside = expressionLine(document, [...path, 'run'], step.run);
    if (inside !== undefined)
      found.push(
        at(inside, 'run-expression', 'no ${{ }} in `run`: it becomes program text. Hand it over in `env` and quote it'),
      );
    if (shellOf(document.data, step, job) !== 'bash')
      found.push(
        at(document.keyLine([...path, 'run']), 'shell', '`run` must be for `shell: bash` (here or in defaults)'),
      );
    return found;
  });
}

function expressionLine(document: WorkflowDocument, path: Path, run: string): number | undefined {
  const index = run.split('\n').findIndex((line) => line.includes('${{'));
  return index < 0 ? undefined : firstLine(document, path) + index;
}

/** Line of the first line of a `run` text. */
export function firstLine(document: WorkflowDocument, path: Path): number {
  const line = document.line(path);
  const head = document.text.split('\n')[line - 1] ?? '';
  return /[|>][-+0-9]*\s*(?:#.*)?$/.test(head) ? line + 1 : line;
}

/** The shell of a `run`: its own, the job's, the workflow's. */
function shellOf(data: Data, step: Data, job: string | undefined): string {
  const ofJob = job === undefined ? {} : dataOf(dataOf(data.jobs)[job]);
  const defaults = [ofJob, data].map((one) => textOf(dataOf(dataOf(one.defaults).run).shell));
  return [textOf(step.shell), ...defaults].find((shell) => shell !== '') ?? '';
}
