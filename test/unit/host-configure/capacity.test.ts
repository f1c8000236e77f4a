import { describe, expect, test } from 'vitest';
import { capacityOf } from '../../../pipeline/host/configure/capacity.ts';
import { summaryFile } from '../../../pipeline/host/configure/summary.ts';
import { hostsOf } from '../../../pipeline/host/configure/hosts.ts';
import { example, SCRIPT } from './example.ts';

describe('capacity', () => {
  test('of el6: 60,536 ports per LIP towards every real server', async () => {
    const capacity = capacityOf(
      await example([['lips: { first: 10.0.2.128 }', 'lips: { first: 10.0.2.128, count: 14 }']]),
    );
    expect(capacity.perLip).toBe(60_536);
    expect(capacity.newPerSecondPerLip).toBeNull();
    expect(capacity.directors.map(({ perRealServer }) => perRealServer)).toEqual([1_695_008, 1_695_008, 847_504]);
    const each = 60_536 * 4;
    expect(capacity.services[0]).toEqual({
      name: 'http',
      realServers: 4,
      connections: each * (28 + 28 + 14),
      withoutOneDirector: each * (28 + 14),
    });
  });

  test('of lts: 64,512 ports per LIP, never more than is tracked', async () => {
    const small = capacityOf(await example([['kind: el6', 'kind: lts']]));
    expect(small.perLip).toBe(64_512);
    expect(small.newPerSecondPerLip).toBe(537);
    expect(small.directors[0]?.perRealServer).toBe(1_048_576);
    expect(small.services[0]?.connections).toBe(3 * 1_048_576);
    const large = capacityOf(await example([['kind: el6', 'kind: lts\nconntrackMax: 4194304']]));
    expect(large.directors[0]?.perRealServer).toBe(28 * 64_512);
    expect(large.services[0]?.connections).toBe(3 * 4_194_304);
    expect(large.assumptions.join()).toContain('at most 4194304 connections');
  });

  test('stands in cluster.json, without the key', async () => {
    const cluster = await example();
    const { path, text } = summaryFile(cluster, hostsOf(cluster, SCRIPT), capacityOf(cluster));
    expect(path).toBe('cluster.json');
    expect(text).not.toContain('test-key');
    const summary = JSON.parse(text) as { capacity: { perLip: number }; hosts: { name: string; role: string }[] };
    expect(summary.capacity.perLip).toBe(60_536);
    expect(summary.hosts.map(({ role }) => role)).toEqual([
      ...Array<string>(3).fill('director'),
      ...Array<string>(4).fill('backend'),
    ]);
  });
});
