import { describe, expect, it } from 'vitest';
import { failedBootChecks, proofLines } from '../../../pipeline/report/proof.ts';
import type { BootEvidence } from '../../../pipeline/report/proof.ts';
import { proofPicture } from '../../../pipeline/report/proof-picture.ts';
import { goodProof } from './proof-fixture.ts';

/** The proof with one check failed. */
function failing(id: string, more: Partial<BootEvidence> = {}): BootEvidence {
  const good = goodProof();
  return { ...good, ok: false, checks: [...good.checks, { id, want: 'good', got: 'bad', ok: false }], ...more };
}

/** What the outline of each machine's box says. */
function states(picture: string): string[] {
  return [...picture.matchAll(/pf-box pf-(ok|failed)[^]*?pf-name"[^>]*>[✓✗] (\w+)/g)].map(
    ([, state = '', name = '']) => `${name} ${state}`,
  );
}

describe('outcome of a boot proof', () => {
  it('is good with checks that are good', () => expect(failedBootChecks(goodProof())).toEqual([]));
  it('names the checks that failed', () =>
    expect(failedBootChecks(failing('uploads'))).toEqual([{ id: 'uploads', want: 'good', got: 'bad' }]));
  it.each([
    ['checked nothing', { ok: true, checks: [] }],
    ['does not say that all is well', { ok: false }],
  ])('is bad when it %s', (_, change) =>
    expect(failedBootChecks({ ...goodProof(), ...change }).map(({ id }) => id)).toEqual(['proof']),
  );
});

describe('summary of a boot proof', () => {
  it('says who was seen, through what, and in which time', () => {
    const proof = goodProof();
    const text = proofLines({
      ...proof,
      checks: [
        { id: 'connection-table', want: '1048576', got: '1048576', ok: true },
        { id: 'local-addresses', want: '10.0.2.201 10.0.2.202', got: '10.0.2.201 10.0.2.202', ok: true },
      ],
    }).join('\n');
    expect(text).toContain(`nginx logged ${String(proof.connection.logged)} for the client`);
    expect(text).toContain('LIPs 10.0.2.201 10.0.2.202; connection table of 1048576');
    expect(text).toContain('addresses kept: not seen');
    expect(text).toContain('2 checks in');
  });
});

describe('picture of a boot proof', () => {
  it('shows machines, both sides of the director and the verdict', () => {
    const picture = proofPicture(goodProof());
    expect(states(picture)).toEqual(['director ok', 'client ok', 'backend1 ok', 'backend2 ok']);
    for (const part of [
      '10.0.1.2:40001 → 10.0.1.100:80',
      '10.0.2.203:40001 → 10.0.2.11:80, option: 10.0.1.2:40001',
      '✓ the address of the client',
      '✓ 3 checks passed',
      'booted in 3.1 s',
    ])
      expect(picture).toContain(part);
  });

  it('marks the machine that a failed check is about, and only that', () => {
    expect(states(proofPicture(failing('machine-backend2')))).toContain('backend2 failed');
    const forged = proofPicture(failing('forged-by-client'));
    expect(states(forged)).toContain('client ok');
    expect(forged).toContain('✗ 1 of 4 checks failed: forged-by-client');
  });

  it('says so when the server saw another address, or nothing was seen', () => {
    const { connection, machines } = goodProof();
    const lost = { ...connection, local: null, server: null, logged: '10.0.2.203:40001' };
    const picture = proofPicture(failing('client-address', { connection: lost }));
    expect(picture).toContain('✗ not the address of the client');
    expect(picture).toContain('not seen');
    const silent = machines.map((one) => ({ ...one, kernel: '', bootSeconds: null }));
    expect(proofPicture(failing('machine-director', { machines: silent }))).toContain('did not boot');
  });
});
