import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Failure } from '../../pipeline/run/failure.ts';
import { type Finished, stepsOf } from '../helpers/run-factory.ts';
import { CASES } from './cases.ts';
import { type Lab, openLab } from './lab.ts';

/**
 * Breaks packages in one way after the other and publishes them through the command line: the pointer must not move, and the
 * failure must name what noticed. Nothing of the pipeline is replaced; what a step has made is.
 */
let lab: Lab;
const lines: string[] = [];
let caught = 0;

beforeAll(async () => {
  const started = Date.now();
  lab = await openLab();
  expect(Object.keys(await lab.pointer())).toContain('pointer.asc');
  say(`good     the packages as they are  (published, ${since(started)})`);
});
afterAll(async () => {
  process.stdout.write(`\n${lines.join('\n')}\n\ncaught / cases: ${caught} / ${CASES.length}\n`);
  await lab[Symbol.asyncDispose]();
});

test.each(CASES.map((one) => [`${one.step}: ${one.what}`, one] as const))('%s', async (_, one) => {
  const { what, step, check } = one;
  const started = Date.now();
  const before = await lab.pointer();
  const undo = await one.break(lab);
  onTestFinished(() => undo[Symbol.asyncDispose]());
  const run = await lab.publish();
  const noticed = run.events.flatMap((event) =>
    event.type === 'step-failed' ? namesOf(event.failure).map((name) => ({ step: event.step, name })) : [],
  );
  const names = noticed.map((one) => `${one.step}: ${one.name}`).join(', ');
  const still = JSON.stringify(await lab.pointer()) === JSON.stringify(before);
  const right = noticed.filter((one) => one.step === step && check.test(one.name));
  const isCaught = run.code !== 0 && still && published(run) === 0 && right.length > 0;
  if (isCaught) caught += 1;
  const [by] = right;
  const told =
    by === undefined ? names : `${by.step}: ${by.name}${noticed.length > 1 ? `, +${noticed.length - 1}` : ''}`;
  say(`${isCaught ? 'caught' : 'MISSED'}   ${what.padEnd(52)} ${told}  (${since(started)})`);
  expect(run.code, run.stderr).not.toBe(0);
  expect(await lab.pointer()).toEqual(before);
  expect(published(run)).toBe(0);
  expect(right, names).not.toEqual([]);
});

/** How often the pointer was about to move. */
function published(run: Finished): number {
  return stepsOf(run, 'step-started').filter((step) => step === 'publish').length;
}

/** What a failure names: its checks, or its code, or what it is. */
function namesOf(failure: Failure): string[] {
  if ('checks' in failure) return failure.checks.map(({ id }) => id);
  return ['code' in failure ? String(failure.code) : failure.kind];
}

function say(line: string): void {
  lines.push(line);
  process.stdout.write(`${line}\n`);
}

function since(started: number): string {
  return `${Math.round((Date.now() - started) / 1000)} s`;
}
