import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { TimedEvent } from '../../pipeline/run/events.ts';
import type { StepRecord } from '../../pipeline/run/record.ts';

const ROOT = resolve(import.meta.dirname, '../..');
export const FACTORY = join(ROOT, 'bin/factory');

/** What a command printed on standard output, and how long it took from the outside, in ms. Rejects when it fails. */
export function timed(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ stdout: string; ms: number }> {
  const started = process.hrtime.bigint();
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  return new Promise((done, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const ms = Number(process.hrtime.bigint() - started) / 1e6;
      if (code === 0) done({ stdout, ms });
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}`));
    });
  });
}

/** Runs a factory command with --json and returns the records of the steps, made and cached, by step id. */
export async function factory(
  args: readonly string[],
): Promise<{ records: Map<string, StepRecord>; made: Set<string>; ms: number }> {
  const { stdout, ms } = await timed(FACTORY, [...args, '--json']);
  const records = new Map<string, StepRecord>();
  const made = new Set<string>();
  for (const line of stdout.split('\n')) {
    if (!line.startsWith('{"')) continue;
    const event = JSON.parse(line) as TimedEvent;
    if (event.type === 'step-made') made.add(event.step);
    if (event.type === 'step-made' || event.type === 'step-cached') records.set(event.step, event.record);
  }
  return { records, made, ms };
}

/** The record of a step; throws when the run did not come to it. */
export function recordOf(records: ReadonlyMap<string, StepRecord>, step: string): StepRecord {
  const record = records.get(step);
  if (record === undefined) throw new Error(`no record of ${step}`);
  return record;
}

/** `3m 05s`, or `0.41 s` below ten seconds. */
export function show(ms: number): string {
  if (ms < 10_000) return `${(ms / 1000).toFixed(2)} s`;
  return `${Math.floor(ms / 60_000)}m ${String(Math.round((ms % 60_000) / 1000)).padStart(2, '0')}s`;
}

export const mean = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
