import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { copyScript } from '../../../pipeline/report/html/script.ts';
import { markdownSummary } from '../../../pipeline/report/markdown.ts';
import { runPage } from '../../../pipeline/report/run-page.ts';
import { snapshotPage } from '../../../pipeline/report/site.ts';
import type { SnapshotPageInput } from '../../../pipeline/report/site.ts';
import { summarise } from '../../../pipeline/report/summarise.ts';
import type { RunSummary, StepSummary } from '../../../pipeline/report/summary.ts';
import { timelineSvg } from '../../../pipeline/report/timeline.ts';
import { ticks } from '../../../pipeline/report/timeline-axis.ts';
import { goodProof } from './proof-fixture.ts';
import { badRun, goodRun } from './run-fixture.ts';

const EVIL = `"><script>alert('x')</script><img src=x onerror=y>&|\`*_[a](https://evil.example)\u001b[31m\u0000`;

/** Puts hostile text into every string of a value that is not of a fixed vocabulary or a time. */
function poison(value: unknown, key = ''): unknown {
  if (typeof value === 'string')
    return /^(state|kind|level|startedAt|createdAt)$/.test(key) ? value : `${value}${EVIL}`;
  if (Array.isArray(value)) return value.map((item) => poison(item, key));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poison(item, name)]));
}

/** The tags must nest, attributes be quoted, nothing be left open. Throws otherwise. */
function checkMarkup(text: string): string[] {
  // Only our own script, once: any other one is found as a tag.
  const body = text
    .replace(/^<!doctype html>\n/, '')
    .replaceAll(/<style>[^<]*<\/style>/g, '')
    .replace(copyScript.html, '');
  const open: string[] = [];
  const seen: string[] = [];
  for (const [whole, close, name = '', attributes = '', selfClosed] of body.matchAll(
    /<(\/?)([a-z0-9]+)((?:\s+[a-zA-Z0-9:-]+(?:="[^"<]*")?)*)\s*(\/?)>|<[^]/g,
  )) {
    if (name === '') throw new Error(`stray < at ${whole}`);
    if (close === '/') {
      if (open.pop() !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      seen.push(name);
      if (/\son/.test(attributes.replaceAll(/"[^"]*"/g, ''))) throw new Error(`event handler in ${whole}`);
      if (selfClosed !== '/' && !['meta', 'br'].includes(name)) open.push(name);
    }
  }
  if (open.length > 0) throw new Error(`left open: ${open.join()}`);
  return seen;
}

const snapshot: SnapshotPageInput = {
  recipe: 'lts',
  snapshot: '20261122T153800Z-0123456789ab',
  createdAt: '2026-11-22T15:38:00.000Z',
  keyFingerprint: '0123456789ABCDEF0123456789ABCDEF01234567',
  keyIsDemo: true,
  unlocked: [],
  packages: [
    {
      name: 'kernel-director',
      nevra: 'kernel-director-6.1-1.x86_64',
      size: 48_000_000,
      sha256: 'a'.repeat(64),
      file: 'RPMS/k.rpm',
      role: 'director',
    },
    {
      name: 'kernel-devel',
      nevra: 'kernel-devel-6.1-1.x86_64',
      size: 17_000_000,
      sha256: 'b'.repeat(64),
      file: 'RPMS/d.rpm',
      role: null,
    },
  ],
  evidence: [{ role: 'director', ok: true, checks: 12 }],
  proof: null,
  baseUrl: 'http://repo.example/lts',
  hosts: [],
  changes: null,
  documents: ['SHA256SUMS', 'SHA256SUMS.asc', 'provenance.json', 'sbom.cdx.json'],
};

/** One with manifests, after another one. */
const second: SnapshotPageInput = {
  ...snapshot,
  hosts: [
    {
      role: 'director',
      release: '6.1.192-1.fn12.ipvs_20bit.x86_64',
      changes: [
        { kind: 'boot argument', what: 'nohz=off', reason: '' },
        { kind: 'sysctl', what: 'net.ipv4.conf.all.arp_ignore = 1', reason: 'nobody answers for the virtual address' },
      ],
    },
  ],
  changes: {
    previous: '20261121T153800Z-ba9876543210',
    found: {
      packages: [{ name: 'kernel-6.1-1.x86_64', before: null, after: 'c'.repeat(64) }],
      patches: [{ name: 'kernel-director: 0001-x.patch', before: 'd'.repeat(64), after: null }],
      config: [{ name: 'kernel-director: CONFIG_IP_VS_TAB_BITS', before: '12', after: '20' }],
    },
  },
  documents: [...snapshot.documents, 'install/director.json', 'install/director.json.asc'],
};

const booted: SnapshotPageInput = {
  ...snapshot,
  proof: { evidence: goodProof(), files: ['evidence/verify-boot.json'] },
};

describe('pages', () => {
  it.each([
    ['good run', runPage(summarise(goodRun()))],
    ['failed run', runPage(summarise(badRun()))],
    ['snapshot', snapshotPage(snapshot)],
    ['booted snapshot', snapshotPage(booted)],
    ['second snapshot', snapshotPage(second)],
    ['snapshot after a damaged one', snapshotPage({ ...second, changes: { previous: 'x', found: null } })],
    ['hostile second snapshot', snapshotPage(poison(second) as SnapshotPageInput)],
    ['empty snapshot', snapshotPage({ ...snapshot, packages: [], evidence: [], keyIsDemo: false })],
    ['hostile run', runPage(poison(summarise(badRun())) as RunSummary)],
    ['hostile good run', runPage(poison(summarise(goodRun())) as RunSummary)],
    ['hostile snapshot', snapshotPage(poison(snapshot) as SnapshotPageInput)],
    ['hostile booted snapshot', snapshotPage(poison(booted) as SnapshotPageInput)],
    ['hostile timeline', timelineSvg(poison(summarise(goodRun())) as RunSummary)],
  ])('%s: well-formed markup, no scripts, nothing from elsewhere', (_, text) => {
    const tags = checkMarkup(text);
    expect(tags).not.toContain('<script');
    expect(tags).not.toContain('img');
    expect(text).not.toContain('\u0000');
    expect(text).not.toContain('\u001b');
    expect(text).not.toMatch(/(src|href|action)="([a-z]+:|\/\/)/i);
    expect(text).not.toMatch(/url\(|@import/);
  });

  it('the policy of a snapshot allows exactly the one script, and no page of a run has any', () => {
    const text = snapshotPage(second);
    const [, script = ''] = /<script>([^]*?)<\/script>/.exec(text) ?? [];
    const hash = createHash('sha256').update(script).digest('base64');
    expect(text).toContain(`default-src 'none'; script-src 'sha256-${hash}'; style-src`);
    expect(text.match(/<script/g)).toHaveLength(1);
    expect(runPage(summarise(goodRun()))).not.toContain('<script');
  });

  it('links logs relative to the page, of earlier runs too', () => {
    const run = runPage({ ...summarise(goodRun()), runId: 'R2' });
    expect(run).toContain('href="../R1/fetch-kernel-source.log"');
    expect(runPage(summarise(goodRun()))).toContain('href="fetch-kernel-source.log"');
  });

  it('shows what matters of a run', () => {
    const good = runPage(summarise(goodRun()));
    for (const text of ['succeeded', 'ccache: 98% of 2500', '48.2 MB', 'is not locked', '6 made, 2 from the store'])
      expect(good).toContain(text);
    const bad = runPage(summarise(badRun()));
    for (const text of [
      'What failed',
      'exit code 2',
      'ip_vs_core.c:12',
      'bin/factory shell rebuild-srpm:kernel-director',
    ])
      expect(bad).toContain(text);
  });

  it('shows how to install a snapshot, and warns of a demo key', () => {
    const text = snapshotPage(snapshot);
    for (const part of [
      'yum --enablerepo=fullnat-lts install kernel-director',
      '0123 4567 89AB',
      'demo key',
      'a'.repeat(64),
    ])
      expect(text).toContain(part);
    expect(snapshotPage({ ...snapshot, keyIsDemo: false })).not.toContain('demo key');
  });

  it('without manifests a role is installed by yum alone; with one by the installer, safely first, then in one line', () => {
    const commands = (text: string): string[] =>
      [...text.matchAll(/<span class="line">(.*?)<\/span>\n/g)].map(([, line = '']) =>
        line.replaceAll(/<[^>]*>/g, '').replaceAll('&quot;', '"'),
      );
    expect(commands(snapshotPage(snapshot))).toEqual([
      'yum --enablerepo=fullnat-lts install kernel-director-6.1-1.x86_64',
    ]);
    const options = `--role director --fingerprint ${snapshot.keyFingerprint} http://repo.example/lts`;
    expect(commands(snapshotPage(second))).toEqual([
      'curl -fsSO "http://repo.example/lts/{install.sh,install.sh.asc,RPM-GPG-KEY-factory}"',
      'gpg --no-default-keyring --keyring ./factory.gpg --import RPM-GPG-KEY-factory',
      `gpg --no-default-keyring --keyring ./factory.gpg --status-fd 1 --verify install.sh.asc install.sh | grep "VALIDSIG ${snapshot.keyFingerprint}"`,
      `sh install.sh plan ${options}`,
      `sh install.sh apply ${options}`,
      'reboot',
      'sh install.sh verify',
      `curl -fsS http://repo.example/lts/install.sh | sh -s -- apply ${options}`,
      'yum --enablerepo=fullnat-lts install kernel-director-6.1-1.x86_64',
    ]);
  });

  it('shows what the installer changes, and what is new since the previous snapshot', () => {
    const text = snapshotPage(second).replaceAll(/\s+/g, ' ');
    for (const part of [
      'nobody answers for the virtual address',
      'href="../20261121T153800Z-ba9876543210/"',
      'CONFIG_IP_VS_TAB_BITS',
      'data-label="before"><code>12</code>',
      'data-label="now"><code>20</code>',
      '0001-x.patch',
      'href="install/director.json"',
      'href="sbom.cdx.json"',
    ])
      expect(text).toContain(part);
    expect(snapshotPage(snapshot)).toContain('This is the first snapshot');
    const same = { packages: [], patches: [], config: null };
    const unchanged = snapshotPage({ ...second, changes: { previous: 'x', found: same } });
    for (const part of ['Packages: no change', 'Patches: no change', 'no provenance'])
      expect(unchanged).toContain(part);
    expect(snapshotPage({ ...second, changes: { previous: 'x', found: null } })).toContain('not as it was published');
  });

  it('shows what was seen of booted packages, and nothing of it where they were not', () => {
    const text = snapshotPage(booted);
    for (const part of [
      '<svg',
      'connections-addresses',
      '1000 of 1000',
      'nginx/1.22.1',
      'href="evidence/verify-boot.json"',
    ])
      expect(text).toContain(part);
    expect(snapshotPage(snapshot)).not.toContain('<svg');
  });

  it('keeps tables of Markdown whole whatever stands in them', () => {
    const text = markdownSummary(poison(summarise(goodRun())) as RunSummary);
    const rows = text.split('\n').filter((line) => line.startsWith('|'));
    const cells = rows.map((row) => row.replaceAll(/\\\|/g, '').split('|').length - 2);
    expect(new Set(cells)).toEqual(new Set([3, 4]));
    expect(text.replaceAll('\\`', '').replaceAll(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, '')).not.toMatch(
      /<script|\]\(https/,
    );
  });
});

describe('timeline', () => {
  const summary = summarise(goodRun());
  const step = (index: number): StepSummary => ({
    ...summary.steps[4]!,
    id: `step-${index}`,
    startMs: index * 1000,
    ms: 1000,
    phases: [],
  });

  it.each([0, 1, 2, 30, 60])('has a row for each of %i steps, inside the picture', (count) => {
    const svg = timelineSvg({
      ...summary,
      ms: count * 1000,
      steps: Array.from({ length: count }, (_, index) => step(index)),
    });
    checkMarkup(svg);
    expect(svg.match(/class="tl-bar/g) ?? []).toHaveLength(count);
    const height = Number(/viewBox="0 0 1000 (\d+)"/.exec(svg)?.[1]);
    for (const [, y] of svg.matchAll(/translate\(0 (\d+)\)/g)) expect(Number(y) + 26).toBeLessThanOrEqual(height);
    for (const [, x, width] of svg.matchAll(/x="([\d.]+)" y="\d+" width="([\d.]+)"/g))
      expect(Number(x) + Number(width)).toBeLessThanOrEqual(1000);
  });

  it('marks cached steps, phases and failures', () => {
    expect(timelineSvg(summary).match(/class="tl-cached"/g)).toHaveLength(2);
    expect(timelineSvg(summary)).toContain('2 from the store');
    expect(timelineSvg(summary).match(/class="tl-phase"/g)).toHaveLength(2);
    expect(timelineSvg(summarise(badRun()))).toContain('tl-failed');
  });

  it.each([0, 1, 37, 900, 1500, 30_000, 254_000, 5_400_000, 90_000_000, 4e9])(
    'has few and round ticks for %i ms',
    (total) => {
      const all = ticks(total);
      expect(all.length).toBeLessThanOrEqual(9);
      expect(all.length).toBeGreaterThan(total > 1 ? 2 : 0);
      expect(new Set(all.map(({ label }) => label)).size).toBe(all.length);
      expect(all.every(({ ms }) => ms <= Math.max(total, 0))).toBe(true);
    },
  );
});
