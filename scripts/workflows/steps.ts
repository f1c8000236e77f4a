import { type Data, dataOf, listOf, type Path, textOf, type WorkflowDocument } from './document.ts';

/** A step with the job it belongs to; an action's steps belong to none. */
export interface StepAt {
  readonly job: string | undefined;
  readonly step: Data;
  readonly path: Path;
}

/** The jobs of a workflow by name; none for an action. */
export function jobsOf({ data }: WorkflowDocument): readonly (readonly [name: string, job: Data])[] {
  return Object.entries(dataOf(data.jobs)).map(([name, job]) => [name, dataOf(job)]);
}

/** Every step of a workflow or a composite action. */
export function stepsOf(document: WorkflowDocument): readonly StepAt[] {
  const own = listOf(dataOf(document.data.runs).steps).map((step, index) => ({
    job: undefined,
    step: dataOf(step),
    path: ['runs', 'steps', index],
  }));
  const ofJobs = jobsOf(document).flatMap(([job, { steps }]) =>
    listOf(steps).map((step, index) => ({ job, step: dataOf(step), path: ['jobs', job, 'steps', index] })),
  );
  return [...own, ...ofJobs];
}

/** Names of the events that start a workflow. */
export function triggersOf({ data }: WorkflowDocument): readonly string[] {
  if (typeof data.on === 'string') return [data.on];
  return Array.isArray(data.on) ? data.on.map(textOf) : Object.keys(dataOf(data.on));
}

/** Names of the scopes that a job may write to; `*` for all. */
export function writesOf({ permissions }: Data): readonly string[] {
  if (permissions === 'write-all') return ['*'];
  return Object.entries(dataOf(permissions)).flatMap(([scope, level]) => (level === 'write' ? [scope] : []));
}
