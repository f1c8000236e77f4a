import { describe as suite, expect, it } from 'vitest';
import { describe } from '../../../pipeline/report/describe.ts';
import { failureLines } from '../../../pipeline/report/terminal/failure-lines.ts';
import type { Failure } from '../../../pipeline/run/failure.ts';

const SRPM = 'kernel-2.6.32-220.23.1.el6.src.rpm';
const CENTOS = {
  kind: 'NoBaseImage',
  image: 'docker.io/library/centos',
  digest: `sha256:${'a9'.repeat(32)}`,
  attempts: [
    { url: `docker.io/library/centos@sha256:${'a9'.repeat(32)}`, reason: 'lookup registry-1.docker.io: no such host' },
  ],
} as const;
const OFFLINE = { kind: 'Offline', step: 'fetch-http:lvs', what: 'download of lvs.tar.gz' } as const;

/** What a machine without any way out says about the recipe el6. */
const failures: readonly Failure[] = [
  {
    kind: 'AllMirrorsFailed',
    source: SRPM,
    attempts: [
      { url: `http://vault.example/6.2/updates/Source/SPackages/${SRPM}`, reason: 'name not found' },
      { url: `http://ftp.example/SRPMS/${SRPM}`, reason: 'connection timed out (4 tries)' },
    ],
  },
  {
    kind: 'AllMirrorsFailed',
    source: 'Lvs-fullnat-synproxy.tar.gz',
    attempts: [{ url: 'http://kb.example/images/a/a5/Lvs-fullnat-synproxy.tar.gz', reason: 'HTTP 404' }],
  },
  CENTOS,
];
const of = (...some: readonly Failure[]) => describe({ kind: 'Unavailable', failures: some });

suite('what could not be had', () => {
  it('is one error: every address, and the ways forward', async () => {
    const text = failureLines({ kind: 'Unavailable', failures }).join('\n');
    await expect(`${text}\n`).toMatchFileSnapshot('snapshots/unavailable.txt');
  });

  it('names every file and base in its one line', () => {
    expect(of(...failures).short).toBe(
      `3 inputs of the build cannot be had: ${SRPM}, Lvs-fullnat-synproxy.tar.gz, base image docker.io/library/centos`,
    );
  });

  it('tells an address once, though several steps wanted the same file', () => {
    const [first] = failures;
    const again = {
      kind: 'AllMirrorsFailed',
      source: SRPM,
      attempts: [{ url: 'https://b.example/', reason: 'HTTP 500' }],
    } as const;
    const { short, detail } = of(first!, first!, again);
    expect(short).toContain('1 input of');
    expect(detail.filter((line) => line.includes('vault.example'))).toHaveLength(1);
    expect(detail).toContain('  https://b.example/');
  });

  it('gives only the advice that fits', () => {
    const [file] = failures;
    expect(of(file!).advice.join()).not.toContain('docker');
    expect(of(file!).advice[0]).toContain(`put ${SRPM} under that name`);
    expect(of(CENTOS).advice.join()).not.toMatch(/--mirror DIR\|URL|NODE_USE_ENV_PROXY/);
    expect(of(CENTOS).advice[0]).toContain(`\`docker pull ${CENTOS.image}@${CENTOS.digest}\``);
  });

  it('keeps the words of every other kind of failure, its advice once', () => {
    const { short, detail, advice } = of(OFFLINE, { ...OFFLINE, step: 'fetch-http:toa' });
    expect(short).toBe('2 inputs of the build cannot be had');
    expect(detail).toEqual([describe(OFFLINE).short, expect.stringContaining('fetch-http:toa')]);
    expect(advice).toEqual(describe(OFFLINE).advice);
    expect(of(OFFLINE, CENTOS).short).toBe(
      '2 inputs of the build cannot be had: base image docker.io/library/centos, …',
    );
  });
});
