import { describe, expect, it } from 'vitest';
import {
  escapeHtml,
  escapeMarkdown,
  markdownCode,
  plainText,
  truncate,
  truncateMiddle,
} from '../../../pipeline/report/escape.ts';
import { factLine } from '../../../pipeline/report/facts.ts';
import { textTable } from '../../../pipeline/report/text-table.ts';
import { formatBytes, formatClock, formatDuration, plural } from '../../../pipeline/report/units.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [12_345_678, '12.3 MB'],
  [99_960, '100 kB'],
  [999_960, '1.0 MB'],
  [137_000_000, '137 MB'],
  [5e13, '50.0 TB'],
  [-1, '?'],
  [NaN, '?'],
])('formatBytes(%d) is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it.each([
  [0, '0 ms'],
  [999.7, '1.0 s'],
  [9_940, '9.9 s'],
  [9_960, '10 s'],
  [59_600, '1m 00s'],
  [245_000, '4m 05s'],
  [3_599_700, '1h 00m'],
  [7_380_000, '2h 03m'],
  [-1, '?'],
])('formatDuration(%d) is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

it('formats a clock, and counts', () => {
  expect([0, 7_999, 751_000, 3_723_000, -5].map(formatClock)).toEqual(['0:00', '0:07', '12:31', '1:02:03', '0:00']);
  expect([plural(1, 'box', 'boxes'), plural(2, 'box', 'boxes'), plural(0, 'step')]).toEqual([
    '1 box',
    '2 boxes',
    '0 steps',
  ]);
});

describe('escaping', () => {
  it('leaves nothing that moves a terminal', () => {
    expect(plainText('a\u001b[1;31mb\u001b]8;;http://x\u0007c\u001b(Bd\re\tf\u009b2Jg\u202eh')).toBe('abcde  f2Jgh');
    expect(plainText('Grüße, 漢字 😀')).toBe('Grüße, 漢字 😀');
  });

  it('makes HTML of any text', () => {
    expect(escapeHtml(`<a href="x" title='y'>&\nz\u0000`)).toBe(
      '&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;\nz',
    );
  });

  it('makes Markdown of any text', () => {
    expect(escapeMarkdown('a|b *c* <d> [e](f)\n# g @me')).toBe(
      String.raw`a\|b \*c\* &lt;d&gt; \[e\]\(f\) \# g ` + '@\u200bme',
    );
    expect(escapeMarkdown('https://x.example')).not.toContain('https:');
    expect([markdownCode('a`b'), markdownCode('`'), markdownCode('a|b'), markdownCode('')]).toEqual([
      '``a`b``',
      '`` ` ``',
      '`a|b`',
      '`  `',
    ]);
  });

  it('cuts by characters, not by halves of them', () => {
    expect([truncate('abcdef', 4), truncate('ab', 2), truncate('ab', 0), truncate('😀😀😀', 2)]).toEqual([
      'abc…',
      'ab',
      '',
      '😀…',
    ]);
    expect([truncateMiddle('abcdefgh', 5), truncateMiddle('abc', 3), truncateMiddle('abcd', 2)]).toEqual([
      'ab…gh',
      'abc',
      'a…',
    ]);
  });
});

it('aligns tables and keeps them within a width', () => {
  const rows = [
    ['kernel-director', '48.2 MB'],
    ['x', '9 kB'],
  ];
  expect(textTable(['name', 'size'], rows, { right: [1] })).toEqual([
    'name                size',
    'kernel-director  48.2 MB',
    'x                   9 kB',
  ]);
  for (let width = 6; width < 30; width += 1)
    for (const line of textTable(['name', 'size'], rows, { width })) expect(line.length).toBeLessThanOrEqual(width);
});

it('tells facts in words', () => {
  expect(
    factLine({
      ccacheHits: 1,
      ccache_misses: 3,
      resolvedVersion: '6.1',
      tree_bytes: 12_300_000,
      waitMs: 1500,
      demo: true,
    }),
  ).toBe('ccache 25% of 4, demo yes, resolved version 6.1, tree bytes 12.3 MB, wait ms 1.5 s');
  expect(factLine({ ccacheHits: 5 })).toBe('ccache hits 5');
});
