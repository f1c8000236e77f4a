import { describe, expect, it } from 'vitest';
import { createHistory } from '../../../pipeline/report/history.ts';
import { markdownSummary } from '../../../pipeline/report/markdown.ts';
import { summarise } from '../../../pipeline/report/summarise.ts';
import { countStates, packagesOf, relativeLog } from '../../../pipeline/report/summary.ts';
import { badRun, goodRun } from './run-fixture.ts';

describe('summary', () => {
  it('of a good run', async () => {
    const summary = summarise(goodRun());
    await expect(`${JSON.stringify(summary, null, 2)}\n`).toMatchFileSnapshot('snapshots/summary-good.json.txt');
    await expect(markdownSummary(summary)).toMatchFileSnapshot('snapshots/summary-good.md.txt');
    expect(countStates(summary)).toEqual({ cached: 2, made: 6, failed: 0, skipped: 0 });
  });

  it('of a failed run', async () => {
    const summary = summarise(badRun());
    await expect(markdownSummary(summary)).toMatchFileSnapshot('snapshots/summary-bad.md.txt');
    expect(countStates(summary)).toEqual({ cached: 0, made: 0, failed: 1, skipped: 7 });
    expect(summary.steps.find((step) => step.id === 'snapshot')?.why).toBe('because of sign:kernel-director');
  });

  it('of a run that was killed says so', () => {
    const summary = summarise(goodRun().slice(0, 12));
    expect(summary).toMatchObject({ ok: false, finished: false, ms: 50_200 });
    expect(summary.steps.find((step) => step.id === 'rebuild-srpm:lvs-tools')).toMatchObject({
      state: 'skipped',
      startMs: 49_000,
    });
  });

  it('gives phases from their first progress event to the next', () => {
    const step = summarise(goodRun()).steps.find(({ id }) => id === 'rebuild-srpm:kernel-director');
    expect(step?.phases).toEqual([
      { name: 'prepare', startMs: 50_000, ms: 12_000 },
      { name: 'compile', startMs: 62_000, ms: 139_500 },
      { name: 'package', startMs: 201_500, ms: 44_500 },
    ]);
  });

  it('shows signed packages in place of their originals', () => {
    expect(packagesOf(summarise(goodRun())).map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'srpm kernel-6.1.90-1.ipvs_20bit.src.rpm',
      'signed-rpm kernel-6.1.90-1.ipvs_20bit.x86_64.rpm',
      'signed-rpm kernel-devel-6.1.90-1.ipvs_20bit.x86_64.rpm',
      'rpm lvs-tools-1.0-1.x86_64.rpm',
    ]);
  });

  it('takes the last of what became of a step that was made again', () => {
    const events = goodRun();
    const end = events.pop()!;
    const again = events.filter((event) => 'step' in event && event.step === 'sign:kernel-director');
    const repeated = [...events, ...again.map((event) => ({ ...event, at: event.at + 20_000 })), end];
    const [before, after] = [summarise(goodRun()), summarise(repeated)];
    expect(after.artifacts).toHaveLength(before.artifacts.length);
    expect(after.steps.find(({ id }) => id === 'sign:kernel-director')).toMatchObject({ startMs: 266_000, ms: 3_000 });
  });

  it('says of a cancelled step that it was cancelled', () => {
    const [start] = goodRun();
    const skipped = { type: 'step-skipped', step: 'snapshot', because: 'cancelled', at: start!.at } as const;
    expect(summarise([start!, skipped]).steps.at(-1)).toMatchObject({ state: 'skipped', why: 'cancelled', ms: 0 });
  });

  it('refuses events without a beginning', () => {
    expect(() => summarise([])).toThrow(RangeError);
  });
});

describe('history', () => {
  it('gives the same summary as all events, but for the tail of the log', () => {
    const history = createHistory();
    for (const event of badRun()) history.on(event);
    const [failure] = history.summary()?.failures ?? [];
    expect(failure?.tail).toEqual(Array.from({ length: 40 }, (_, index) => `line ${index + 21}`));
    const good = createHistory();
    for (const event of goodRun()) good.on(event);
    expect(good.summary()).toEqual(summarise(goodRun()));
  });
});

it.each([
  [null, null],
  ['runs/R1/a.log', 'runs/R1/a.log'],
  ['/artifacts/runs/R1/a.log', 'runs/R1/a.log'],
])('relativeLog(%s) is %s', (log, relative) => {
  expect(relativeLog(log, '/artifacts/runs/R1')).toBe(relative);
});
