import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MARK } from '../../../pipeline/host/configure/host-file.ts';
import { hostsOf } from '../../../pipeline/host/configure/hosts.ts';
import { type Edits, example, SCRIPT } from './example.ts';

const GOLDEN = resolve(import.meta.dirname, '../../fixtures/cluster');
const LTS: Edits = [['kind: el6', 'kind: lts']];

async function files(edits: Edits = []) {
  const hosts = hostsOf(await example(edits), SCRIPT);
  return new Map(hosts.flatMap(({ name, files: own }) => own.map((file) => [`${name}/${file.path}`, file] as const)));
}

describe('the files of a cluster', () => {
  test.each([
    ['el6', []],
    ['lts', LTS],
  ] as const)('of kind %s', async (kind, edits) => {
    const all = [...(await files(edits))].filter(([path]) => !path.endsWith('/etc/fullnat/director'));
    const text = all.map(([path, file]) => `==> ${path} ${file.mode.toString(8)}\n${file.text}`).join('\n');
    await expect(text).toMatchFileSnapshot(`${GOLDEN}/${kind}.txt`);
  });

  test('all say in their first lines that they are ours, also the script', async () => {
    for (const [path, { text, mode }] of await files()) {
      expect(text.split('\n', 2).join('\n'), path).toContain(MARK);
      if (mode === 0o755) expect(text, path).toMatch(/^#!\/bin\/sh\n# generated/);
    }
    const script = (await files()).get('director1/etc/fullnat/director')?.text ?? '';
    expect(
      script
        .split('\n')
        .filter((line) => !line.includes(MARK))
        .join('\n'),
    ).toBe(SCRIPT);
  });

  test('that hold the key are readable by root alone, and no other file holds it', async () => {
    for (const edits of [[], LTS]) {
      const holders = [...(await files(edits))].filter(([, { text }]) => text.includes('test-key'));
      expect(holders.map(([path]) => path.replace(/.*\//, ''))).toHaveLength(3);
      expect(holders.map(([, { mode }]) => mode)).toEqual([0o600, 0o600, 0o600]);
    }
  });

  test('have no line that keepalived 1.2.2 would cut (1024 characters)', async () => {
    const many = Array.from({ length: 100 }, (_, index) => `203.0.114.${index}`).join(', ');
    const found = await files([
      ['vips: [203.0.113.1, 203.0.113.2]\n    port: 80', `vips: [${many}]\n    port: 80`],
      ['vipNetworks: [203.0.113.0/28]', 'vipNetworks: [203.0.113.0/28, 203.0.114.0/24]'],
    ]);
    const lines = found.get('director1/etc/keepalived/keepalived.conf')?.text.split('\n') ?? [];
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(200);
    expect(lines.filter((line) => line.includes('203.0.114.'))).toHaveLength(100);
  });

  test('follow what the cluster leaves out', async () => {
    const found = await files([
      ['  authentication:\n    keyId: 8\n', '  stub: false\n'],
      ['    keyFile: ospf.key\n', ''],
      ['check: { kind: tcp }', 'check: { kind: tcp }\n    synProxy: false\n    inhibitOnFailure: false'],
    ]);
    const ospfd = found.get('director1/etc/quagga/ospfd.conf');
    expect(ospfd?.text).not.toMatch(/md5|message-digest|stub/);
    expect(ospfd?.mode).toBe(0o644);
    const [, https = ''] =
      found.get('director1/etc/keepalived/keepalived.conf')?.text.split('virtual_server group https') ?? [];
    expect(https).not.toMatch(/syn_proxy|inhibit_on_failure/);
  });

  test('use every uplink', async () => {
    const found = await files([
      [
        '- { interface: eth0, address: 192.168.0.2/30 }',
        '- { interface: eth0, address: 192.168.0.2/30 }\n      - { interface: eth2, address: 192.168.1.2/30 }',
      ],
    ]);
    const ospfd = found.get('director1/etc/quagga/ospfd.conf')?.text ?? '';
    expect(ospfd.match(/^interface .*/gm)).toEqual(['interface eth0', 'interface eth2']);
    expect(ospfd).toContain(' network 192.168.1.0/30 area 0.0.0.11');
    expect(found.get('director1/etc/fullnat/director.conf')?.text).toContain("OFFLOADS_OFF='eth0 eth2 eth1'");
  });
});
