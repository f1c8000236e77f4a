import { readFileSync } from 'node:fs';
import { killAtOperation, operations } from './count-operations.ts';
import { type Job, publishAsStagesDo, publishInPlace } from './publish-steps.ts';

/** What the test wants, as JSON in the file that the argument names. */
interface Wish {
  /** Publish these one after another; in place: into the root of the first. */
  readonly jobs: readonly Job[];
  readonly inPlace: boolean;
  /** Die instead of this file operation; 0: do not. */
  readonly killAt: number;
}

const { jobs, inPlace, killAt } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Wish;
await killAtOperation(killAt);
process.stdout.write('ready\n');
for (const job of jobs) {
  if (inPlace) await publishInPlace(job.root, job.template, job.files);
  else await publishAsStagesDo(job);
}
process.stdout.write(`${operations()}\n`);
