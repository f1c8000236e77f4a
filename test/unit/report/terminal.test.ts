import { describe, expect, it } from 'vitest';
import type { TimedEvent } from '../../../pipeline/run/events.ts';
import { createTerminal } from '../../../pipeline/report/terminal.ts';
import { badRun, goodRun, START } from './run-fixture.ts';

/** Replays events with their own clock; `ticks` calls the timer once per so many ms between events. */
function replay(
  events: readonly TimedEvent[],
  options: { isTTY: boolean; columns?: number; color?: boolean; verbose?: boolean },
) {
  let now = START;
  let tick = (): void => undefined;
  let timers = 0;
  const writes: string[] = [];
  const terminal = createTerminal({
    stream: { write: (text) => writes.push(text) },
    columns: () => options.columns ?? 80,
    isTTY: options.isTTY,
    color: options.color ?? false,
    verbose: options.verbose ?? false,
    now: () => now,
    every: (fn) => {
      tick = fn;
      timers += 1;
      return () => {
        timers -= 1;
        tick = () => undefined;
      };
    },
  });
  for (const event of events) {
    while (now + 1000 < event.at) {
      now += 1000;
      tick();
    }
    now = event.at;
    terminal.on(event);
  }
  return { text: writes.join(''), writes, timers: () => timers, close: () => terminal.close?.() };
}

describe('without a TTY', () => {
  it('prints plain lines only, no log lines, and a progress line about every 30 s', async () => {
    const { text } = replay(goodRun(), { isTTY: false });
    expect(text).not.toContain('\u001b');
    expect(text).not.toContain('\r');
    await expect(text).toMatchFileSnapshot('snapshots/terminal-good.txt');
    expect(text.match(/^ +\.\.\. rebuild-srpm:kernel-director/gm)).toHaveLength(6);
  });

  it('prints the failure with the last 40 log lines, the path of the log and advice', async () => {
    const { text } = replay(badRun(), { isTTY: false });
    await expect(text).toMatchFileSnapshot('snapshots/terminal-bad.txt');
    expect(text.match(/\| line \d+$/gm)).toHaveLength(40);
    expect(text).toContain('full log: /artifacts/runs/R1/rebuild.log');
  });

  it('prints every log line when verbose, without what could harm the terminal', () => {
    const [start] = goodRun();
    const log = {
      type: 'log',
      step: 's',
      stream: 'stderr',
      line: '\u001b]0;title\u0007\u001b[2Jhi\rthere',
      at: START,
    } as const;
    expect(replay([start!, log], { isTTY: false, verbose: true }).text).toContain('s | hithere\n');
  });
});

describe('on a TTY', () => {
  it.each([20, 40, 80, 120])('never draws a status line as wide as the window (%i columns)', (columns) => {
    const { writes } = replay(goodRun(), { isTTY: true, columns });
    const drawn = writes.map((text) =>
      text.slice(Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\u001b[J') + 2) + 1),
    );
    expect(drawn.filter((line) => line !== '').length).toBeGreaterThan(100);
    expect(Math.max(...drawn.map((line) => line.length))).toBeLessThan(columns);
  });

  it('erases the status line before it prints and leaves nothing of it at the end', () => {
    const { writes, text } = replay(goodRun(), { isTTY: true });
    const drawn = writes.filter((write) => write.includes('\n')).slice(2, -1);
    for (const write of drawn) expect(write.startsWith('\r\u001b[J')).toBe(true);
    expect(text.endsWith('index.html\n')).toBe(true);
    expect(text).not.toContain('\u001b[?25l');
  });

  it('draws at most ten times a second however many events come', () => {
    const [start] = goodRun();
    const many = Array.from({ length: 1000 }, (_, index): TimedEvent => ({
      type: 'step-progress',
      step: 'image:builder',
      phase: 'p',
      done: index,
      total: 1000,
      unit: 'steps',
      at: START + 10 + index,
    }));
    const begin: TimedEvent = { type: 'step-started', step: 'image:builder', why: '', log: null, at: START + 5 };
    expect(replay([start!, begin, ...many], { isTTY: true }).writes.length).toBeLessThan(15);
  });

  it('stops its timer at the end, and on close when there is no end', async () => {
    expect(replay(goodRun(), { isTTY: true }).timers()).toBe(0);
    const cut = replay(goodRun().slice(0, 6), { isTTY: true });
    expect(cut.timers()).toBe(1);
    await cut.close();
    expect(cut.timers()).toBe(0);
    expect(cut.writes.at(-1)).toBe('\r\u001b[J');
  });

  it('counts a step once that is made again, and takes notes before the run begins', () => {
    const events = goodRun().slice(0, -1);
    const again = events.filter((event) => 'step' in event && event.step === 'sign:kernel-director');
    const note: TimedEvent = { type: 'note', level: 'info', step: null, message: 'left over', at: START };
    const { text } = replay([note, ...events, ...again.map((event) => ({ ...event, at: event.at + 20_000 }))], {
      isTTY: true,
    });
    expect(text).toContain('  7/8  sign:kernel-director');
    expect(text).not.toMatch(/ 9\/8 /);
    expect(text).toMatch(/^ +0:00 {2}note +left over\n/);
  });

  it('colours only when asked', () => {
    expect(replay(badRun(), { isTTY: true, color: true }).text).toContain('\u001b[31m');
    expect(replay(badRun(), { isTTY: true }).text.replaceAll('\u001b[J', '')).not.toContain('\u001b[');
  });
});
