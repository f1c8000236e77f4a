import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TimedEvent } from '../../../pipeline/run/events.ts';
import { createEventsFile } from '../../../pipeline/report/events-file.ts';
import { createJsonl } from '../../../pipeline/report/jsonl.ts';
import { createRunFiles } from '../../../pipeline/report/run-files.ts';
import { summarise } from '../../../pipeline/report/summarise.ts';
import { badRun, goodRun } from './run-fixture.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'report-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true });
});

const parse = (text: string): unknown[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

it('writes every event as a line of JSON to a stream, after a line with the schema', () => {
  const writes: string[] = [];
  const reporter = createJsonl({ write: (text) => writes.push(text) });
  for (const event of goodRun()) reporter.on(event);
  const [schema, ...events] = parse(writes.join(''));
  expect(schema).toMatchObject({ type: 'schema', schema: 1 });
  expect(events).toEqual(goodRun());
});

it('writes events.jsonl without log lines, readable at any time and enough for a summary', async () => {
  const run = join(dir, 'deep', 'R1');
  const reporter = createEventsFile(run);
  for (const event of badRun()) reporter.on(event);
  const [schema, ...events] = parse(await readFile(join(run, 'events.jsonl'), 'utf8'));
  expect(schema).toMatchObject({ schema: 1 });
  expect(events.some((event) => (event as TimedEvent).type === 'log')).toBe(false);
  expect(summarise(events as TimedEvent[])).toEqual(summarise(badRun()));
  await reporter.close?.();
  await reporter.close?.();
});

it('never overwrites the events of another run', async () => {
  await createEventsFile(dir).close?.();
  expect(() => createEventsFile(dir)).toThrow(/EEXIST/);
});

it('writes the page, the timeline and the summaries of a run, whole files only', async () => {
  const reporter = createRunFiles(dir);
  for (const event of badRun()) reporter.on(event);
  expect(await readdir(dir)).toEqual([]);
  await reporter.close?.();
  expect((await readdir(dir)).sort()).toEqual(['index.html', 'summary.json', 'summary.md', 'timeline.svg']);
  const summary: unknown = JSON.parse(await readFile(join(dir, 'summary.json'), 'utf8'));
  expect(summary).toMatchObject({ schema: 1, ok: false, recipe: 'lts' });
  expect(await readFile(join(dir, 'index.html'), 'utf8')).toMatch(/^<!doctype html>[^]*<\/html>\s*$/);
});

it('writes nothing for a run that never began', async () => {
  await createRunFiles(dir).close?.();
  expect(await readdir(dir)).toEqual([]);
});
