import { describe, expect, test } from 'vitest';
import { sysctlConf } from '../../../pipeline/host/configure/sysctl.ts';
import { example } from '../host-configure/example.ts';
import { readNamed } from '../plan/recipes.ts';

/** What only a cluster file can say. */
const OF_THE_CLUSTER = /^net\.netfilter\.nf_conntrack_/;

describe('kernel settings of a director are said once: by the manifest and by factory configure', () => {
  test.each(['el6', 'lts'] as const)('%s', async (kind) => {
    const cluster = await example(kind === 'el6' ? [] : [['kind: el6', 'kind: lts']]);
    const [director] = cluster.directors;
    if (director === undefined) throw new Error('the example has no director');
    const configured = [...sysctlConf(cluster, director).text.matchAll(/^([a-z][^ ]*) = (.*)$/gm)]
      .map(([, key = '', value = '']) => [key, value])
      .filter(([key = '']) => !OF_THE_CLUSTER.test(key));
    expect(configured.length).toBeGreaterThan(2);
    const { roles } = await readNamed(kind);
    const host = roles.find(({ name }) => name === 'director')?.host;
    expect(Object.fromEntries(host?.sysctl.map(({ key, value }) => [key, value]) ?? [])).toEqual(
      Object.fromEntries(configured),
    );
  });
});
