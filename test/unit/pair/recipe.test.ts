import { describe, expect, test } from 'vitest';
import { planFactory } from '../../../pipeline/plan/plan-factory.ts';
import { EMPTY_LOCK } from '../../../pipeline/recipe/lock.ts';
import { normalisePair } from '../../../pipeline/recipe/normalise-pair.ts';
import { pairRules } from '../../../pipeline/recipe/rules-pair.ts';
import type { RecipeInput } from '../../../pipeline/recipe/schema.ts';
import { pairSchema, type PairInput } from '../../../pipeline/recipe/schema-pair.ts';
import { producersOf } from '../../../pipeline/run/select.ts';
import { readNamed, stepScripts } from '../plan/recipes.ts';

const written: PairInput = {
  director: { package: 'one', toa: { module: 'ip_vs', code: { as: 'store', functions: ['add'] } } },
  backend: { package: 'two', toa: { module: 'toa', modinfo: 'toa_option' } },
  tools: 'tools',
  interface: {
    kernel: { rpm: 'kernel-headers', dirs: ['usr/include'], include: 'linux/ip_vs.h' },
    tools: [{ name: 'ipvsadm', dirs: ['tools-*'], include: 'ip_vs.h' }],
    structs: [{ kernel: 'service', members: ['addr', { kernel: 'port', tools: '__port' }] }],
  },
};

/** What is wrong with a pair in a recipe whose packages are one, two and tools. */
function problems(pair: PairInput): string[] {
  const packages = {
    one: { produces: ['kernel', 'kernel-headers'] },
    two: { produces: ['kernel'] },
    tools: { produces: ['ipvsadm'] },
  };
  const found: string[] = [];
  pairRules({ packages, pair } as unknown as RecipeInput, (path, message) =>
    found.push(`${path.join('.')}: ${message}`),
  );
  return found;
}

describe('pair in a recipe', () => {
  test('nothing optional is left', () => {
    expect(normalisePair(pairSchema.parse(written))).toMatchObject({
      director: { toa: { modinfo: null }, variables: [] },
      backend: { toa: { code: null } },
      interface: {
        structs: [
          {
            kernel: 'service',
            tools: 'service',
            members: [
              { kernel: 'addr', tools: 'addr' },
              { kernel: 'port', tools: '__port' },
            ],
          },
        ],
        constants: [],
        arguments: [],
      },
    });
    expect(problems(written)).toEqual([]);
  });

  test('names that refer to nothing, and an option that nothing tells', () => {
    const { director, interface: shared } = written;
    expect(
      problems({
        ...written,
        director: { ...director, package: 'on' },
        backend: { package: 'tools', toa: { module: 'toa' } },
        tools: 'tool',
      }),
    ).toEqual([
      'pair.director.package: unknown package "on"; there are: one, two, tools; did you mean "one"?',
      'pair.backend.rpm: package tools does not produce "kernel", only: ipvsadm',
      'pair.backend.toa: must have modinfo or code',
      'pair.tools: unknown package "tool"; there are: one, two, tools; did you mean "tools"?',
    ]);
    expect(
      problems({
        ...written,
        backend: { ...written.backend, package: 'one' },
        interface: { ...shared, kernel: { ...shared.kernel, rpm: 'headers' }, constants: ['A', 'A'] },
      }),
    ).toMatchObject([
      'pair.backend.package: "one" is the director\'s already',
      expect.stringContaining('pair.interface.kernel.rpm: unknown binary package "headers"'),
      'pair.interface.constants.1: "A" is here twice',
    ]);
  });

  test('what would be more than a name in a C program is refused', () => {
    const shared = { ...written.interface, constants: ['A); system("x"'] };
    expect(pairSchema.safeParse({ ...written, interface: shared }).success).toBe(false);
  });
});

describe('in the plan', () => {
  test('the snapshot of a pair waits for it; a recipe without one has no such step', async () => {
    const scripts = await stepScripts();
    const steps = async (name: 'hello' | 'el6') =>
      planFactory(await readNamed(name), EMPTY_LOCK, { frozen: false, scripts }).steps;
    const el6 = await steps('el6');
    const gate = el6.find(({ id }) => id === 'verify-pair');
    expect(gate?.inputs).toMatchObject({
      director: { step: 'sign:kernel-director', kind: 'signed-rpm', rpmName: 'kernel' },
      headers: { step: 'sign:kernel-director', kind: 'signed-rpm', rpmName: 'kernel-headers' },
      backend: { step: 'sign:kernel-backend', kind: 'signed-rpm', rpmName: 'kernel' },
      tools: [{ step: 'sign:lvs-tools', kind: 'signed-rpm' }],
    });
    expect(el6.filter((step) => producersOf(step).includes('verify-pair')).map(({ id }) => id)).toEqual([
      'install-manifest:director',
      'install-manifest:backend',
      'snapshot',
    ]);
    expect((await steps('hello')).map(({ stage }) => stage)).not.toContain('verify-pair');
  });
});
