import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { RunArtifacts } from './artifacts.ts';
import { filled, filledAll, holds, type Contexts, type Status } from './expressions.ts';

type Mapping = Readonly<Record<string, unknown>>;

interface Step {
  readonly id?: string;
  readonly name?: string;
  readonly if?: string | boolean;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Mapping;
  readonly env?: Mapping;
}
interface Job {
  readonly needs?: string | readonly string[];
  readonly if?: string | boolean;
  readonly strategy?: { readonly matrix: { readonly include: unknown } };
  readonly outputs?: Mapping;
  readonly env?: Mapping;
  readonly steps: readonly Step[];
}
interface Workflow {
  readonly env?: Mapping;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** A step that was run on a machine. */
export interface RanStep {
  readonly job: string;
  readonly command: string;
  readonly code: number;
  readonly output: string;
}
/** How a job ended, as `needs` tells it; `workspaces`: of its machines, one per matrix entry. */
export interface JobResult {
  readonly result: 'success' | 'failure' | 'skipped';
  readonly outputs: Readonly<Record<string, string>>;
  readonly workspaces: readonly string[];
}

/** What a run of a workflow is given by the test. */
export interface Machines {
  /** A new machine: a checkout with nothing in its artifacts directory. Returns its path. */
  readonly workspace: (name: string) => Promise<string>;
  readonly artifacts: RunArtifacts;
  readonly inputs: Mapping;
  readonly secrets: Readonly<Record<string, string>>;
  /** Called before a job starts, to change what lies between the jobs. */
  readonly before?: (job: string) => Promise<void>;
}

/**
 * Runs the jobs of a workflow file in their order, each on a machine of its own: the very texts of its `run` steps in bash, with
 * expressions by GitHub's evaluator. checkout and setup-node are what a machine begins with; caches are always empty; artifacts
 * are folders; any other action is an error.
 */
export class WorkflowRun {
  readonly ran: RanStep[] = [];
  /** What was attested: the inputs of the platform's action. */
  readonly attested: Readonly<Record<string, string>>[] = [];
  readonly jobs = new Map<string, JobResult>();
  readonly #workflow: Workflow;
  readonly #machines: Machines;

  private constructor(workflow: Workflow, machines: Machines) {
    this.#workflow = workflow;
    this.#machines = machines;
  }

  static async of(file: string, machines: Machines): Promise<WorkflowRun> {
    return new WorkflowRun(parse(await readFile(file, 'utf8')) as Workflow, machines);
  }

  /** Runs all jobs, or only these again. */
  async run(only = Object.keys(this.#workflow.jobs)): Promise<void> {
    for (const name of only) {
      await this.#machines.before?.(name);
      const job = this.#workflow.jobs[name];
      if (job === undefined) throw new Error(`no job ${name}`);
      this.jobs.set(name, await this.#job(name, job));
    }
  }

  async #job(name: string, job: Job): Promise<JobResult> {
    const needs = [job.needs ?? []].flat().map((one) => [one, this.jobs.get(one)] as const);
    const contexts = {
      needs: Object.fromEntries(needs.map(([one, done]) => [one, { result: done?.result, outputs: done?.outputs }])),
      inputs: this.#machines.inputs,
      github: {
        event_name: 'workflow_dispatch',
        ref: 'refs/heads/main',
        workflow: 'build',
        repository: 'Acme/fullnat',
        actor: 'somebody',
        token: 'no-token',
      },
    };
    const status: Status = needs.some(([, done]) => done?.result === 'failure') ? 'failure' : 'success';
    const skipped = needs.some(([, done]) => done?.result === 'skipped') && !/\w+\(\)/.test(String(job.if ?? ''));
    if (skipped || !holds(job.if, contexts, status)) return { result: 'skipped', outputs: {}, workspaces: [] };
    const legs = job.strategy === undefined ? [{}] : (filled(job.strategy.matrix.include, contexts) as Mapping[]);
    const workspaces: string[] = [];
    const outputs: Record<string, string> = {};
    let result: JobResult['result'] = 'success';
    for (const [index, matrix] of legs.entries()) {
      const workspace = await this.#machines.workspace(`${name}-${index}`);
      workspaces.push(workspace);
      const leg = await this.#leg(name, job, workspace, { ...contexts, matrix });
      if (leg.status === 'failure') result = 'failure';
      // As GitHub does it: outputs of all entries together, and one that is empty hides no other.
      for (const [output, value] of Object.entries(filledAll(job.outputs, leg.contexts)))
        if (value !== '') outputs[output] = value;
    }
    return { result, outputs, workspaces };
  }

  async #leg(
    name: string,
    job: Job,
    workspace: string,
    outer: Contexts,
  ): Promise<{ readonly status: Status; readonly contexts: Contexts }> {
    const steps: Record<string, { outputs: Record<string, string> }> = {};
    // Secrets only where a step asks for them; empty ones are ''.
    const base: Contexts = { ...outer, secrets: this.#machines.secrets, steps };
    const jobEnv = { ...filledAll(this.#workflow.env, base), ...filledAll(job.env, base) };
    const contexts: Contexts = { ...base, env: jobEnv };
    let status: Status = 'success';
    for (const [index, step] of job.steps.entries()) {
      if (!holds(step.if, contexts, status)) continue;
      if (step.uses !== undefined) {
        await this.#action(step.uses, workspace, filledAll(step.with, contexts));
        continue;
      }
      const env = { ...jobEnv, ...filledAll(step.env, contexts) };
      const { code, outputs } = await this.#command(name, index, step.run ?? '', workspace, env);
      if (step.id !== undefined) steps[step.id] = { outputs };
      if (code !== 0) status = 'failure';
    }
    return { status, contexts };
  }

  async #action(uses: string, workspace: string, given: Readonly<Record<string, string>>): Promise<void> {
    const [action = ''] = uses.split('@');
    switch (action) {
      case 'actions/checkout':
      case 'actions/setup-node':
      case 'actions/cache/restore':
      case 'actions/cache/save':
        return;
      case 'actions/upload-artifact':
        return this.#machines.artifacts.upload(workspace, given);
      case 'actions/download-artifact':
        return this.#machines.artifacts.download(workspace, given);
      case 'actions/attest-build-provenance':
        this.attested.push(given);
        return;
      default:
        throw new Error(`the test does not know ${uses}`);
    }
  }

  async #command(job: string, index: number, command: string, workspace: string, env: Record<string, string>) {
    const dir = join(workspace, '.runner');
    await mkdir(dir, { recursive: true });
    const [script, output, summary] = ['sh', 'output', 'summary.md'].map((end) => join(dir, `${index}.${end}`));
    for (const [file = '', text] of [
      [script, command],
      [output, ''],
      [summary, ''],
    ])
      await writeFile(file, text ?? '');
    const { FACTORY_SIGNING_KEY, FACTORY_SIGNING_PASSPHRASE, ...outside } = process.env;
    const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script ?? ''], {
      cwd: workspace,
      env: {
        ...outside,
        ...env,
        GITHUB_ACTIONS: 'true',
        GITHUB_WORKSPACE: workspace,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status) => resolve(status ?? 1));
    });
    this.ran.push({ job, command, code, output: text });
    return { code, outputs: outputsIn(await readFile(output ?? '', 'utf8')) };
  }
}

/** The contents of a GITHUB_OUTPUT file: `name=value`, or `name<<END`, lines, `END`. */
function outputsIn(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const [, long = '', end = ''] = /^([\w-]+)<<(.+)$/.exec(line) ?? [];
    if (long !== '') {
      const last = lines.indexOf(end, at + 1);
      outputs[long] = lines.slice(at + 1, last).join('\n');
      at = last;
    } else if (line.includes('=')) outputs[line.slice(0, line.indexOf('='))] = line.slice(line.indexOf('=') + 1);
  }
  return outputs;
}
