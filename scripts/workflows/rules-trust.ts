import { type Data, textOf, type WorkflowDocument } from './document.ts';
import type { Finding } from './finding.ts';
import { jobsOf, triggersOf, writesOf } from './steps.ts';

/** The one job that may have secrets: it signs. */
const SIGNING_JOB = 'publish';
/** The one workflow that they may be handed to. */
const SIGNING_WORKFLOW = './.github/workflows/build.yml';
/** The one job that may write to the registry: everybody else's images come from there. */
const IMAGES_JOB = 'images';
/** These run with secrets and write access while a stranger decides what is checked out, or what the event says. */
const NEVER = ['pull_request_target', 'workflow_run', 'issue_comment', 'discussion_comment'];
/** With these a stranger's pull request can be what the workflow runs for. */
const STRANGERS = ['pull_request', 'workflow_call'];
const NOT_FOR_PULL_REQUESTS = "github.event_name != 'pull_request'";

/** Who may see secrets and write: only the signing job has secrets, and nothing that a fork starts has either. */
export function trustFindings(document: WorkflowDocument): readonly Finding[] {
  const at = (line: number, rule: string, message: string): Finding => ({ file: document.file, line, rule, message });
  const mentions = document.texts.filter(({ path, text }) =>
    /\bsecrets\s*[.[)]/.test(path.at(-1) === 'if' ? `${text})` : expressions(text)),
  );
  const found = mentions
    .filter(({ path }) => !isAllowed(document, path.map(String)))
    .map(({ line }) =>
      at(line, 'secrets', `secrets only in \`env\` of a step of job ${SIGNING_JOB}, or handed to ${SIGNING_WORKFLOW}`),
    );
  if (document.kind === 'action') return found;

  const triggers = triggersOf(document);
  for (const trigger of triggers.filter((one) => NEVER.includes(one)))
    found.push(at(document.keyLine(['on', trigger]), 'trigger', `${trigger} gives strangers our secrets and tokens`));
  for (const [name, job] of jobsOf(document)) {
    if (job.secrets === 'inherit')
      found.push(
        at(document.keyLine(['jobs', name, 'secrets']), 'secrets', 'hand over secrets by name, not `inherit`'),
      );
    const writes = writesOf(job);
    if (name !== IMAGES_JOB && writes.some((scope) => scope === 'packages' || scope === '*'))
      found.push(
        at(
          document.keyLine(['jobs', name, 'permissions']),
          'packages',
          `only the job ${IMAGES_JOB} may write packages`,
        ),
      );
    const isPowerful = writes.length > 0 || mentions.some(({ path }) => path[1] === name);
    if (isPowerful && triggers.some((one) => STRANGERS.includes(one)) && !refusesPullRequests(job))
      found.push(
        at(
          document.keyLine(['jobs', name]),
          'forks',
          `job ${name} has secrets or writes, and pull requests can start it: \`if: \${{ ${NOT_FOR_PULL_REQUESTS} }}\``,
        ),
      );
  }
  return found;
}

/** The condition as it stands, or as one of several that must all hold. */
function refusesPullRequests(job: Data): boolean {
  const condition = textOf(job.if).replace(/^\$\{\{|\}\}$/g, '');
  return !condition.includes('||') && condition.split('&&').some((part) => part.trim() === NOT_FOR_PULL_REQUESTS);
}

function isAllowed(document: WorkflowDocument, path: readonly string[]): boolean {
  const [jobs, name = '', where, , env] = path;
  if (document.kind !== 'workflow' || jobs !== 'jobs') return false;
  if (name === SIGNING_JOB && where === 'steps' && env === 'env') return true;
  const job = jobsOf(document).find(([one]) => one === name)?.[1];
  return where === 'secrets' && job?.uses === SIGNING_WORKFLOW;
}

/** The expressions in a text. */
function expressions(text: string): string {
  const inside = [...text.matchAll(/\$\{\{([\s\S]*?)\}\}/g)].map(([, body = '']) => `${body})`);
  return inside.join('\n');
}
