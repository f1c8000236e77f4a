import { describe, expect, test } from 'vitest';
import type { FactoryEvent } from '../../../pipeline/run/events.ts';
import { createMask, maskEvents } from '../../../pipeline/tools/mask.ts';

describe('mask', () => {
  test.each([
    ['Get:1 http://apt.corp.example/debian', 'Get:1 http://HOST/debian'],
    ['at APT.Corp.Example:80', 'at HOST:80'],
    ['http://sub.apt.corp.example/', 'http://sub.HOST/'],
    ['lists/apt.corp.example_debian_dists', 'lists/HOST_debian_dists'],
    ['aptxcorpxexample', 'aptxcorpxexample'],
    ['p@ss/word and p%40ss%2Fword and p%40ss%2fword', '*** and *** and ***'],
    ['https://other:login@public.example/x', 'https://***@public.example/x'],
    ['corp.example', 'HOST'],
    ['nothing to see', 'nothing to see'],
  ])('%s', (text, masked) => {
    expect(createMask(['corp.example', 'apt.corp.example', 'p@ss/word', ''])(text)).toBe(masked);
  });

  test('short words only where they stand alone', () => {
    expect(createMask(['apt'])('apt-get from http://apt/debian, adapted')).toBe(
      'apt-get from http://***/debian, adapted',
    );
  });

  test('without words only credentials in URLs', () => {
    expect(createMask([])('see ftp://u:p@h/ and a@b')).toBe('see ftp://***@h/ and a@b');
  });
});

test('masks every text of an event and leaves its links alone', () => {
  const seen: FactoryEvent[] = [];
  const emit = maskEvents((event) => seen.push(event), createMask(['secret-mirror.example', 'fetch-apt:demo']));
  const attempts = [{ url: 'http://secret-mirror.example/x', reason: 'name secret-mirror.example not found' }];
  emit({
    type: 'step-failed',
    step: 'fetch-apt:demo',
    failure: { kind: 'AllMirrorsFailed', source: 'demo', attempts },
    log: null,
    ms: 5,
  });
  emit({ type: 'step-progress', step: 's', phase: 'p', done: 1, total: null, unit: 'bytes' });
  expect(seen).toEqual([
    {
      type: 'step-failed',
      step: 'fetch-apt:demo',
      failure: {
        kind: 'AllMirrorsFailed',
        source: 'demo',
        attempts: [{ url: 'http://HOST/x', reason: 'name HOST not found' }],
      },
      log: null,
      ms: 5,
    },
    { type: 'step-progress', step: 's', phase: 'p', done: 1, total: null, unit: 'bytes' },
  ]);
  expect(attempts[0]?.url).toContain('secret-mirror');
});
