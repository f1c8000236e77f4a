import { describe, expect, test } from 'vitest';
import { decide } from '../../../pipeline/tools/download/answer.ts';
import { contentProblem } from '../../../pipeline/tools/download/content.ts';
import { DEFAULT_LIMITS } from '../../../pipeline/tools/download/limits.ts';
import { maskCredentials } from '../../../pipeline/tools/download/mirror-url.ts';
import { failedRequest } from '../../../pipeline/tools/download/reason.ts';
import { refusesRedirect } from '../../../pipeline/tools/download/redirect.ts';

describe('redirects', () => {
  const downgrade = 'redirect from https to http without a known digest';
  test.each([
    [['http://a/', 'http://b/'], null, null],
    [['http://a/', 'https://b/'], null, null],
    [['https://a/', 'https://b/'], null, null],
    [['https://a/', 'http://b/'], null, downgrade],
    [['http://a/', 'https://b/', 'http://c/'], null, downgrade],
    [['https://a/', 'http://b/'], 'digest', null],
  ])('%j with digest %s', (chain, sha256, reason) => {
    expect(refusesRedirect(chain, sha256)).toBe(reason);
  });
});

describe('errors of the client', () => {
  test.each([
    [{ code: 'ENOTFOUND' }, 'no', 'name not found'],
    [{ code: 'EAI_AGAIN' }, 'backoff', 'name lookup failed'],
    [{ code: 'ECONNREFUSED' }, 'backoff', 'connection refused'],
    [{ code: 'CERT_HAS_EXPIRED' }, 'no', 'TLS certificate has expired'],
    [{ code: 'HPE_INVALID_CONSTANT' }, 'backoff', 'not a valid HTTP answer'],
    [{ name: 'TimeoutError', event: 'connect' }, 'backoff', 'no connection within 15 s'],
    [{ name: 'TimeoutError', event: 'response' }, 'backoff', 'no answer within 30 s'],
    [{ message: 'odd: http://u:p@h/x' }, 'no', 'odd: http://***@h/x'],
  ])('%j', (error, again, reason) => {
    const failed = failedRequest({ name: 'RequestError', message: 'm', ...error }, DEFAULT_LIMITS);
    expect(failed).toMatchObject({ again, reason });
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2024-01-01T00:00:00Z');
  const asked = { file: 'f', size: null, digestKnown: true, offset: 0, etag: null };
  test.each([
    ['7', 7000],
    ['Mon, 01 Jan 2024 00:00:09 GMT', 9000],
    ['Sun, 31 Dec 2023 00:00:00 GMT', 0],
    ['soon', null],
  ])('%s', (text, waitMs) => {
    const decision = decide({ status: 503, headers: { 'retry-after': text } }, asked, DEFAULT_LIMITS, now);
    expect(decision).toMatchObject({ again: 'backoff', waitMs });
  });
});

describe('content', () => {
  const html = 'HTML page instead of an archive';
  test.each([
    ['a.rpm', Buffer.from('edabeedb0300', 'hex'), null],
    ['a.tar.xz', Buffer.from('fd377a585a0000', 'hex'), null],
    ['a.tar.bz2', Buffer.from('BZh9'), null],
    ['a.tgz', Buffer.from('1f8b08', 'hex'), null],
    ['a.zip', Buffer.from('PK\u0003\u0004'), null],
    ['a.deb', Buffer.from('!<arch>\ndebian-binary'), null],
    ['a.deb', Buffer.from('1f8b08', 'hex'), 'not a Debian package (begins with 1f8b08)'],
    ['a.xz', Buffer.from('\ufeff<HTML>'), html],
    ['a.tar', Buffer.from('<?xml version="1.0"?>\n<!DOCTYPE html>'), html],
    ['a.tar', Buffer.from('anything'), null],
    ['a.html', Buffer.from('<html>'), null],
  ])('%s', (file, head, problem) => {
    expect(contentProblem(file, head, false)).toBe(problem);
  });

  test('a known digest decides about everything but HTML', () => {
    expect(contentProblem('a.rpm', Buffer.from('hello'), true)).toBeNull();
    expect(contentProblem('a.rpm', Buffer.from('<html>'), true)).toBe(html);
  });
});

test('credentials in text', () => {
  expect(maskCredentials('see https://me:se%40cret@h:1/p?a=1&X-Amz-Signature=ff&b=2#x or http://h/@x')).toBe(
    'see https://***@h:1/p?a=1&X-Amz-Signature=***&b=2#x or http://h/@x',
  );
});
