import { describe, expect, it } from 'vitest';
import { advance } from '../../../pipeline/report/terminal/progress.ts';
import type { Running } from '../../../pipeline/report/terminal/progress.ts';
import { statusLine } from '../../../pipeline/report/terminal/status-line.ts';

function compiling(id: string, startedAt: number): Running {
  let running: Running = { id, startedAt, progress: null };
  for (let second = 1; second <= 60; second += 1) {
    const at = startedAt + second * 1000;
    running = advance(running, {
      type: 'step-progress',
      step: id,
      phase: 'compile',
      done: second * 10,
      total: 2400,
      unit: 'objects',
      at,
    });
  }
  return running;
}

const two = [
  compiling('rebuild-srpm:kernel-director', 0),
  { id: 'rebuild-srpm:lvs-tools', startedAt: 20_000, progress: null },
];
const draw = (running: readonly Running[], width: number): string =>
  statusLine({ startedAt: 0, ended: 3, total: 14, running }, width, 61_000);

describe('status line', () => {
  it('never exceeds the width, whatever runs', () => {
    const many = Array.from({ length: 9 }, (_, index) => compiling(`rebuild-srpm:package-${index}`, index));
    for (const running of [[], two, many])
      for (let width = 0; width <= 300; width += 1) expect(draw(running, width).length).toBeLessThanOrEqual(width);
  });

  it.each([
    [
      119,
      '1:01  3/14  rebuild-srpm:kernel-director: compile 25%, about 3 min left, 1:01 · rebuild-srpm:lvs-tools, 0:41',
    ],
    [79, '1:01  3/14  kernel-director 25%, about 3 min left · lvs-tools 0:41'],
    [60, '1:01  3/14  kernel-director 25%, about 3 min left · +1 more'],
    [30, '1:01  3/14  rebuild-srpm:kern…'],
  ])('says what matters most in %i columns', (width, line) => {
    expect(draw(two, width)).toBe(line);
  });

  it('counts bytes in bytes, and without a total only what is done', () => {
    const idle: Running = { id: 'fetch:linux', startedAt: 0, progress: null };
    const some = {
      type: 'step-progress',
      step: 'fetch:linux',
      phase: 'download',
      done: 12_300_000,
      unit: 'bytes',
      at: 1,
    } as const;
    expect(draw([advance(idle, { ...some, total: 137_000_000 })], 100)).toContain(
      'download 8% 12.3 MB of 137 MB, 1:01',
    );
    expect(draw([advance(idle, { ...some, total: null })], 100)).toContain('download 12.3 MB, 1:01');
  });

  it('never claims that a running step is complete', () => {
    const idle: Running = { id: 'x', startedAt: 0, progress: null };
    const event = { type: 'step-progress', step: 'x', phase: 'p', done: 5, total: 5, unit: 'objects', at: 1 } as const;
    expect(draw([advance(idle, event)], 100)).toContain('99%');
  });
});
