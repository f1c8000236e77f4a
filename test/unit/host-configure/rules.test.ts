import { describe, expect, test } from 'vitest';
import { describe as words } from '../../../pipeline/report/describe.ts';
import { trustedPrefixes } from '../../../pipeline/host/configure/rules-kind.ts';
import { readCluster } from '../../../pipeline/host/configure/read.ts';
import { failureOfKind } from '../../helpers/failure.ts';
import { CASES } from './bad-cluster-cases.ts';
import { type Edits, example, exampleFile, problemsOf } from './example.ts';

describe('a cluster file', () => {
  test.each(CASES)('refuses %s', async (_name, edits, problems) => {
    expect(await problemsOf(edits)).toEqual(problems);
  });

  test('that is wrong is told with file, line and column', async () => {
    const file = exampleFile([['equalCostPaths: 8', 'equalCostPaths: 2']]);
    const told = words(await failureOfKind('RecipeInvalid', readCluster(file, undefined)));
    expect(told.short).toMatch(/^cluster invalid: .*cluster\.yaml:\d+: the directors have 3 uplinks/);
    expect(told.detail).toEqual([expect.stringMatching(/cluster\.yaml:\d+:\d+: ospf\.equalCostPaths: /)]);
    expect(told.advice.join()).not.toContain('factory plan');
  });

  test('and the command line must not disagree about the kind', async () => {
    const failure = await failureOfKind('Usage', example([], 'lts'));
    expect(failure.message).toBe('--kind lts, but the cluster file says kind el6');
    expect((await example([['kind: el6', '']], 'lts')).kind).toBe('lts');
  });

  test('of kind lts may have no more prefixes of LIPs than toa takes', async () => {
    const director = (index: number) =>
      `  - name: more${index}
    outer: [{ interface: eth0, address: 192.168.1.${index * 4 + 1}/30 }]
    inner: { interface: eth1, address: 10.0.0.${index + 10}/22 }
    lips: { first: 10.0.3.${index * 16 + 1}, count: 14 }\n`;
    const edits = (count: number): Edits => [
      ['kind: el6', 'kind: lts'],
      ['equalCostPaths: 8', 'equalCostPaths: 32'],
      ['\nbackends:', `${Array.from({ length: count }, (_, index) => director(index)).join('')}\nbackends:`],
    ];
    const cluster = await example(edits(9));
    expect(trustedPrefixes(cluster.directors.flatMap(({ lips }) => lips))).toHaveLength(63);
    const [problem, ...more] = await problemsOf(edits(10));
    expect(more).toEqual([]);
    expect(problem).toMatch(/^directors, at directors:: the LIPs of all directors make 69 prefixes, toa takes 64/);
  });

  test('that does not exist is a usage error', async () => {
    const failure = await failureOfKind('Usage', readCluster('/nonexistent/cluster.yaml', 'el6'));
    expect(failure.message).toBe('cannot read the cluster file /nonexistent/cluster.yaml: ENOENT');
  });

  test('is warned of what is seldom meant', async () => {
    const cluster = await example([
      ['address: 10.0.1.14', 'address: 10.9.1.14'],
      ['lips: { first: 10.0.2.128 }', 'lips: { first: 10.8.2.128 }'],
      ['      - { backend: nginx2 }\n', ''],
      ['      - { backend: nginx2, port: 8443 }\n', ''],
      ['  authentication:\n    keyId: 8\n', ''],
      ['    keyFile: ospf.key\n', ''],
    ]);
    expect(cluster.warnings).toEqual([
      "backend nginx4 (10.9.1.14) is outside a director's inner network: it needs routes",
      'LIPs of director3 are outside its inner network 10.0.0.0/22: backends need routes to them',
      'backend nginx2 serves nothing',
      'ospf has no authentication: whoever reaches an uplink can announce routes',
    ]);
    expect((await example()).warnings).toEqual([]);
  });
});
