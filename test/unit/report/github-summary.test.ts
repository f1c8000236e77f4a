import { describe, expect, it } from 'vitest';
import { githubSummary, resultOf } from '../../../pipeline/report/github-summary.ts';
import { createGithub, NO_FILES } from '../../../pipeline/report/github.ts';
import type { Core } from '../../../pipeline/report/github.ts';
import { summarise } from '../../../pipeline/report/summarise.ts';
import type { RunSummary, StepSummary } from '../../../pipeline/report/summary.ts';
import { badRun, goodRun } from './run-fixture.ts';

const step = (id: string, state: StepSummary['state'], facts: StepSummary['facts']): StepSummary => ({
  ...{ id, title: id, stage: id.split(':')[0] ?? '', state, facts, startMs: 250_000, ms: 3000 },
  ...{ recordedMs: null, why: '', log: null, phases: [] },
});
const good = summarise(goodRun());
const published: RunSummary = {
  ...good,
  steps: [
    ...good.steps,
    step('verify-pair', 'cached', { pair: '0123456789abcdef', toaOption: 254 }),
    step('verify-install:director', 'made', { checks: 5 }),
    step('publish', 'made', { recipe: 'lts', snapshot: '20261122T153800Z-0123456789ab' }),
  ],
  artifacts: [
    ...good.artifacts,
    {
      name: 'verify-install-director.json',
      size: 9,
      digest: 'e'.repeat(64),
      kind: 'evidence',
      step: 'verify-install:director',
    },
  ],
};

describe('job summary', () => {
  it('of a published run: packages, result, evidence, timeline', async () => {
    const text = githubSummary(published, resultOf(published, '/w/artifacts'));
    await expect(text).toMatchFileSnapshot('snapshots/github-summary.md.txt');
  });

  it('of a failed run has a timeline and no result', () => {
    const summary = summarise(badRun());
    const text = githubSummary(summary, resultOf(summary, '/w/artifacts'));
    expect(text).toMatch(/▒+ *│ 29\.9 s failed|▒+ *│ 30 s failed/);
    expect(text).not.toContain('### Result');
  });

  it('stays below what GitHub takes, cut at a line', () => {
    const notes = Array.from({ length: 2000 }, (_, index) => ({
      level: 'info' as const,
      step: null,
      message: `${index} ${'ü'.repeat(600)}`,
    }));
    const text = githubSummary({ ...published, notes }, resultOf(published, '/w'));
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1024 * 1024);
    expect(Buffer.byteLength(text)).toBeGreaterThan(1_000_000);
    expect(text.slice(-1000)).toMatch(/ü{600}\n\n\(cut: .*\)\n$/);
  });
});

describe('outputs', () => {
  it('name what was published', () => {
    expect(resultOf(published, '/w/artifacts')).toEqual({
      snapshot: '20261122T153800Z-0123456789ab',
      repository: '/w/artifacts/repository/lts',
      pair: '0123456789abcdef',
    });
    expect(resultOf(good, '/w/artifacts')).toEqual({ snapshot: undefined, repository: undefined, pair: undefined });
    const failed = { ...good, steps: [step('publish', 'failed', { snapshot: 'no' })] };
    expect(resultOf(failed, '/w/artifacts').snapshot).toBeUndefined();
  });

  it('are set once, at the end, before the summary', async () => {
    const calls: unknown[][] = [];
    const core = new Proxy({} as Core, {
      get: (_, name) =>
        name === 'summary'
          ? { addRaw: (text: string) => void calls.push(['addRaw', text.length > 0]), write: () => Promise.resolve() }
          : (...args: unknown[]) => void calls.push([name, ...args]),
    });
    const reporter = createGithub({ core, root: '/w', files: NO_FILES, secrets: [] });
    for (const event of goodRun())
      reporter.on(
        event.type === 'step-made' && event.step === 'snapshot'
          ? { ...event, record: { ...event.record, facts: { snapshot: 'S', pair: 'P' } } }
          : event.type === 'run-started'
            ? {
                ...event,
                steps: event.steps.map((one) => (one.id === 'snapshot' ? { ...one, stage: 'publish' } : one)),
              }
            : event,
      );
    expect(calls.some(([name]) => name === 'setOutput')).toBe(false);
    await reporter.close?.();
    expect(calls.slice(-3)).toEqual([
      ['setOutput', 'snapshot', 'S'],
      ['setOutput', 'repository', '/artifacts/repository/lts'],
      ['addRaw', true],
    ]);
  });
});
