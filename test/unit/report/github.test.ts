import { describe, expect, it } from 'vitest';
import type { FactoryEvent, TimedEvent } from '../../../pipeline/run/events.ts';
import { annotate, createGithub, loadCore, NO_FILES } from '../../../pipeline/report/github.ts';
import type { Core } from '../../../pipeline/report/github.ts';
import { examples } from './failures.ts';
import { badRun, goodRun, START } from './run-fixture.ts';

/** A Core that writes down what is called, in order. */
function recorder() {
  const calls: (readonly [string, ...unknown[]])[] = [];
  const note =
    (name: string) =>
    (...args: unknown[]): void =>
      void calls.push([name, ...args]);
  const core: Core = {
    setSecret: note('setSecret'),
    info: note('info'),
    startGroup: note('startGroup'),
    endGroup: note('endGroup'),
    error: note('error'),
    warning: note('warning'),
    notice: note('notice'),
    setOutput: note('setOutput'),
    summary: {
      addRaw: note('addRaw'),
      write: () => {
        note('write')();
        return Promise.resolve();
      },
    },
  };
  return { core, calls };
}

function replay(events: readonly TimedEvent[], options: { secrets?: string[]; maxLines?: number } = {}) {
  const { core, calls } = recorder();
  const reporter = createGithub({ core, root: '/repo', files: NO_FILES, secrets: [], ...options });
  for (const event of events) reporter.on(event);
  return { calls, close: () => reporter.close?.() };
}

const at = (events: readonly FactoryEvent[]): TimedEvent[] => events.map((event) => ({ ...event, at: START }));
const log = (step: string, line: string): FactoryEvent => ({ type: 'log', step, stream: 'stdout', line });
const failed = (step: string, failure = examples.ContainerExit): FactoryEvent => ({
  type: 'step-failed',
  step,
  failure,
  log: null,
  ms: 5,
});

describe('GitHub reporter', () => {
  it('masks secrets before anything else', () => {
    const { calls } = replay(goodRun(), { secrets: ['hunter2', '', 'host.example'] });
    expect(calls.slice(0, 2)).toEqual([
      ['setSecret', 'hunter2'],
      ['setSecret', 'host.example'],
    ]);
    expect(calls.filter(([name]) => name === 'setSecret')).toHaveLength(2);
  });

  it('prints balanced groups with the lines of one step each, although steps are interleaved', () => {
    const lines = Array.from({ length: 10 }, (_, index) =>
      log(index % 2 === 0 ? 'a' : 'b', `${index % 2 === 0 ? 'a' : 'b'} ${index}`),
    );
    const { calls } = replay(at([...lines, failed('b'), log('a', 'a 10'), failed('a')]));
    const groups: string[][] = [];
    let depth = 0;
    for (const [name, text] of calls) {
      if (name === 'startGroup') {
        depth += 1;
        groups.push([]);
      } else if (name === 'endGroup') depth -= 1;
      else if (depth === 1 && name === 'info') groups.at(-1)?.push(String(text));
      expect(depth === 0 || depth === 1).toBe(true);
    }
    expect(depth).toBe(0);
    expect(groups).toEqual([
      ['b 1', 'b 3', 'b 5', 'b 7', 'b 9'],
      ['a 0', 'a 2', 'a 4', 'a 6', 'a 8', 'a 10'],
    ]);
  });

  it('does not lose the log of a step that was cut off', async () => {
    const { calls, close } = replay(at([log('a', 'last words')]));
    await close();
    expect(calls).toEqual([['startGroup', 'unfinished a'], ['info', 'last words'], ['endGroup']]);
  });

  it('keeps log lines from giving orders to the runner', () => {
    const { calls } = replay(
      at([
        log('a', '::set-env name=PATH::/evil'),
        log('a', '  ::add-mask::x'),
        log('a', 'x ##[command]y'),
        failed('a'),
      ]),
    );
    const texts = calls.filter(([name]) => name === 'info').map(([, text]) => String(text));
    expect(texts).toHaveLength(3);
    for (const text of texts) expect(text).not.toMatch(/^\s*::|##\[/);
  });

  it('keeps only the last lines of a very long log and says so', () => {
    const lines = Array.from({ length: 1000 }, (_, index) => log('a', `l${index}`));
    const { calls } = replay(at([...lines, failed('a')]), { maxLines: 10 });
    const texts = calls.filter(([name]) => name === 'info').map(([, text]) => text);
    expect(texts).toEqual([
      '(990 earlier lines are in the log file)',
      ...Array.from({ length: 10 }, (_, index) => `l${990 + index}`),
    ]);
  });

  it('writes the job summary once, at the end', async () => {
    const { calls, close } = replay(badRun());
    expect(calls.some(([name]) => name === 'addRaw')).toBe(false);
    await close();
    expect(calls.slice(-2).map(([name]) => name)).toEqual(['addRaw', 'write']);
    expect(String(calls.at(-2)?.[1])).toContain('exit code 2');
  });

  it('annotates failures with the file relative to the repository, notes as warnings and notices', () => {
    const { core, calls } = recorder();
    const failure = { ...examples.RecipeInvalid, file: '/repo/pipeline/recipes/lts/recipe.yaml' };
    annotate(core, { failure, root: '/repo', files: NO_FILES });
    expect(calls).toEqual([
      [
        'error',
        'sources.0.sha256: not a sha256',
        expect.objectContaining({ file: 'pipeline/recipes/lts/recipe.yaml', startLine: 7, startColumn: 3 }),
      ],
      ['error', 'unknown key: foo', expect.objectContaining({ startLine: 9 })],
    ]);
    const note = (level: 'info' | 'warning'): FactoryEvent => ({
      type: 'note',
      level,
      message: 'two\nlines',
      step: 'a',
    });
    expect(replay(at([note('info'), note('warning')])).calls).toEqual([
      ['notice', 'two lines', { title: 'a' }],
      ['warning', 'two lines', { title: 'a' }],
    ]);
  });

  it('does not annotate a cancelled step', () => {
    const cancelled = { type: 'step-failed', step: 'a', failure: examples.Cancelled, log: null, ms: 5 } as const;
    expect(replay(at([cancelled])).calls.some(([name]) => name === 'error')).toBe(false);
  });

  it('fits the real @actions/core', async () => {
    const core = await loadCore();
    expect(Object.keys(recorder().core).every((name) => name in core)).toBe(true);
  });
});
