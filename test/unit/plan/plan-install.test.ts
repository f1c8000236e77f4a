import { describe, expect, test } from 'vitest';
import { HOST_SCRIPTS } from '../../../pipeline/host/scripts.ts';
import { paramReasons } from '../../../pipeline/plan/param-reasons.ts';
import type { Plan, StageName, StepOf } from '../../../pipeline/plan/step.ts';
import { producersOf } from '../../../pipeline/run/select.ts';
import { digest, planNamed } from './recipes.ts';

const [hello, lts, el6] = await Promise.all([planNamed('hello'), planNamed('lts'), planNamed('el6')]);
const stepsOf = <S extends StageName>({ steps }: Plan, stage: S): StepOf<S>[] =>
  steps.filter((step) => step.stage === stage) as unknown as StepOf<S>[];

describe('install manifests', () => {
  test('one step per role that says what its hosts become, out of the signed packages of the role', () => {
    expect(stepsOf(el6, 'install-manifest').map(({ id }) => id)).toEqual([
      'install-manifest:director',
      'install-manifest:backend',
    ]);
    const [director] = stepsOf(el6, 'install-manifest');
    expect(director?.inputs.rpms.map(({ step, rpmName }) => [step, rpmName])).toEqual([
      ['sign:kernel-director', 'kernel'],
      ['sign:kernel-director', 'kernel-firmware'],
      ['sign:lvs-tools', 'keepalived'],
      ['sign:lvs-tools', 'ipvsadm'],
      ['sign:lvs-tools', 'quagga'],
    ]);
    for (const plan of [lts, el6]) {
      const [snapshot] = stepsOf(plan, 'snapshot');
      expect(snapshot?.inputs.manifests.map(({ step }) => step)).toEqual([
        'install-manifest:director',
        'install-manifest:backend',
      ]);
      expect(snapshot?.inputs.hostFiles).toEqual([]);
      // What is built does not depend on what hosts are told.
      const users = plan.steps.filter((step) => producersOf(step).some((id) => id.startsWith('install-manifest')));
      expect(users.map(({ id }) => id)).toEqual(['snapshot']);
    }
  });

  test('a recipe whose roles say nothing has none, and publishes no install.sh', () => {
    expect(stepsOf(hello, 'install-manifest')).toEqual([]);
    expect(stepsOf(hello, 'snapshot')[0]?.params.hostScripts).toEqual({});
    expect(Object.keys(stepsOf(hello, 'publish')[0]?.params.hostScripts ?? {})).toEqual(['check-repository.sh']);
  });

  test('every part of a published script is a file whose digest is a param', () => {
    const [snapshot, publish] = [stepsOf(lts, 'snapshot')[0], stepsOf(lts, 'publish')[0]];
    expect(snapshot?.params.hostScripts['install.sh']).toEqual(publish?.params.hostScripts['install.sh']);
    for (const [name, parts] of Object.entries(publish?.params.hostScripts ?? {}))
      expect(parts.map(({ root, path }) => `${root}:${path}`)).toEqual(
        HOST_SCRIPTS[name]?.map((part) => `factory:pipeline/host/${part}`),
      );
    expect(Object.keys(publish?.params.hostScripts ?? {})).toEqual(['check-repository.sh', 'install.sh']);
  });
});

describe('why a step with these params runs again', () => {
  const part = (path: string, hex: string) => ({ root: 'factory' as const, path, sha256: digest(hex) });

  test('a part of a script for hosts', () => {
    const before = { hostScripts: { 'install.sh': [part('a/head.sh', '1'), part('a/tail.sh', '2')] } };
    const now = {
      hostScripts: { 'install.sh': [part('a/head.sh', '3'), part('a/tail.sh', '2'), part('a/x.sh', '4')] },
    };
    expect(paramReasons(before, now)).toEqual([
      'part of install.sh: head.sh changed',
      'part of install.sh: x.sh added',
    ]);
    expect(paramReasons({ hostScripts: {} }, before)).toEqual([
      'part of install.sh: head.sh added',
      'part of install.sh: tail.sh added',
    ]);
  });

  test('a kernel setting, and a file of the recipe', () => {
    const file = (hex: string) => ({ path: '/etc/x', mode: '0644', file: part('x.conf', hex), reason: 'r' });
    const host = { sysctl: [{ key: 'a.b', value: '1', reason: 'r' }], files: [file('1')] };
    expect(paramReasons({ host }, { host: { ...host, sysctl: [{ key: 'a.b', value: '2', reason: 'r' }] } })).toEqual([
      'host.sysctl a.b.value: 1 -> 2',
    ]);
    expect(paramReasons({ host }, { host: { ...host, files: [file('2')] } })).toEqual(['file x.conf changed']);
    expect(paramReasons({ host }, { host: { ...host, sysctl: [{ key: 'c.d', value: '1', reason: 'r' }] } })).toEqual([
      'host.sysctl: {"key":"a.b","value":"1","reason":"r"} removed',
      'host.sysctl: {"key":"c.d","value":"1","reason":"r"} added',
    ]);
  });
});
