import { describe, expect, test } from 'vitest';
import { forecast } from '../../../pipeline/plan/explain.ts';
import { contextDigest, packagesDigest } from '../../../pipeline/plan/image-identity.ts';
import { planFactory } from '../../../pipeline/plan/plan-factory.ts';
import type { PlanOptions } from '../../../pipeline/plan/plan-factory.ts';
import { planText } from '../../../pipeline/plan/render.ts';
import type { Plan, StageName, StepOf } from '../../../pipeline/plan/step.ts';
import { targetSteps } from '../../../pipeline/plan/targets.ts';
import { EMPTY_LOCK } from '../../../pipeline/recipe/lock.ts';
import type { Lock } from '../../../pipeline/recipe/lock.ts';
import type { Recipe } from '../../../pipeline/recipe/recipe.ts';
import { producersOf, selectSteps } from '../../../pipeline/run/select.ts';
import { stages } from '../../../pipeline/stages/index.ts';
import { thrown } from '../recipe/hello-copy.ts';
import { digest, planNamed, readNamed, stepScripts } from './recipes.ts';

const [hello, lts, el6, scripts] = await Promise.all([
  readNamed('hello'),
  readNamed('lts'),
  readNamed('el6'),
  stepScripts(),
]);

function stepOf<S extends StageName>(plan: Plan, stage: S, id: string): StepOf<S> {
  const step = plan.steps.find((one) => one.id === id && one.stage === stage);
  if (step === undefined) throw new Error(`no step ${id}`);
  return step as StepOf<S>;
}

/** Every file by a name of its own, and scripts for hosts without their parts: editing those changes no golden file. */
function golden(plan: Plan): string {
  const text = JSON.stringify(
    plan,
    (key, value: unknown) => {
      if (key === 'hostScripts') return Object.keys(value as object);
      if (typeof value !== 'object' || value === null || !('sha256' in value) || !('root' in value)) return value;
      const { root, path } = value as unknown as { root: string; path: string };
      return `${root}:${path}`;
    },
    2,
  );
  return `${text}\n`;
}

describe('golden plans', () => {
  test.each(['hello', 'lts', 'el6'] as const)('%s', async (name) => {
    await expect(golden(await planNamed(name))).toMatchFileSnapshot(`golden/${name}.plan`);
  });
});

describe('what a person reads of the plan of el6', () => {
  /** As `factory plan` prints it where nothing was made yet; it looks at no upstream. */
  const text = async (options: Partial<PlanOptions> = {}): Promise<string> => {
    const plan = await planNamed('el6', options);
    const nothing = () => Promise.resolve(undefined);
    const steps = await forecast(plan, targetSteps(plan, el6, []), {
      stages,
      record: nothing,
      latest: nothing,
      has: () => Promise.resolve(false),
    });
    return planText(plan, steps);
  };

  test('sources, builder, packages, repository, and the edits as a diff', async () => {
    await expect(await text()).toMatchFileSnapshot('golden/el6.txt');
  });

  test('from the patched trees: no patch is added to the spec', async () => {
    const patched = await text({ kernelSource: 'patched-tree' });
    expect(patched).toContain('repack-tree:kernel-director');
    expect(patched).toContain('fetch-http:rs-tree');
    expect(patched).not.toContain('Patch900001');
    expect(patched).not.toContain('extract-member:lvs-patch');
  });

  test('with a builder of the user, nothing of CentOS is pulled to build', async () => {
    const plan = await planNamed('el6', { builderImage: 'mine:1' });
    const needed = selectSteps(plan, ['rebuild-srpm:kernel-director', 'rebuild-srpm:lvs-tools']).steps;
    expect(needed.map(({ id }) => id)).toContain('given-image:centos6-builder');
    expect(needed.map(({ id }) => id)).not.toContain('base-image:centos');
  });
});

describe('every plan', () => {
  test.each([hello, lts, el6])('$name: each step stands once, after its inputs', (recipe: Recipe) => {
    const { steps } = planFactory(recipe, EMPTY_LOCK, { frozen: false, scripts });
    const seen = new Set<string>();
    for (const step of steps) {
      expect([...producersOf(step)].filter((id) => !seen.has(id))).toEqual([]);
      expect(seen).not.toContain(step.id);
      seen.add(step.id);
    }
  });

  test('depends on nothing but its arguments', () => {
    const again = () => planFactory(lts, EMPTY_LOCK, { frozen: false, scripts });
    expect(JSON.stringify(again())).toBe(JSON.stringify(again()));
  });
});

describe('wiring', () => {
  const plan = planFactory(lts, EMPTY_LOCK, { frozen: false, scripts });

  test('the tools are built against the headers of the director, and nothing else of it', () => {
    expect(stepOf(plan, 'rebuild-srpm', 'rebuild-srpm:lvs-tools').inputs.deps).toEqual([
      { step: 'rebuild-srpm:kernel-director', kind: 'rpm', rpmName: 'kernel-headers' },
    ]);
  });

  test('a member has the version of the package that it came out of', () => {
    const { params, inputs } = stepOf(plan, 'assemble-srpm', 'assemble-srpm:kernel-director');
    expect(params.infoNames).toEqual(['linux']);
    expect(inputs.infos).toEqual([{ step: 'fetch-apt:linux-package', kind: 'source-info' }]);
    expect(inputs.sources).toEqual([{ step: 'extract-member:linux', kind: 'source' }]);
  });

  test('the buildid is the first edit', () => {
    const { edits } = stepOf(plan, 'assemble-srpm', 'assemble-srpm:kernel-backend').params;
    expect(edits[0]).toMatchObject({ line: '# % define buildid .local', with: '%define buildid .toa' });
  });

  test('roles take the release suffix of the package that each RPM comes from', () => {
    const { packages } = stepOf(plan, 'verify-install', 'verify-install:director').params;
    expect(packages).toEqual([
      { name: 'kernel', releaseSuffix: '.ipvs_20bit' },
      { name: 'keepalived', releaseSuffix: '' },
      { name: 'ipvsadm', releaseSuffix: '' },
    ]);
  });

  test('each step has exactly the scripts that it runs', () => {
    const names = (id: string) => {
      const params = plan.steps.find((step) => step.id === id)!.params as { scripts?: readonly { path: string }[] };
      return params.scripts?.map(({ path }) => path.replace('dockerfiles/steps/', ''));
    };
    expect(names('snapshot')).toEqual(['entry.sh', 'lib.sh', 'make-repository.sh', 'sign-file.sh', 'lib-key.sh']);
    expect(names('assemble-srpm:lvs-tools')).toEqual(['entry.sh', 'lib.sh', 'assemble-srpm.sh']);
    expect(names('base-image:debian')).toBeUndefined();
  });

  test('an SRPM to start from brings the script that unpacks it, and its spec is not one of ours', () => {
    const [director, ...others] = hello.packages;
    const srpm = {
      kind: 'http',
      name: 'srpm',
      mirrors: [{ url: 'http://example.org/k.src.rpm', key: null }],
      file: 'k.src.rpm',
    } as const;
    const sources = [...hello.sources, { ...srpm, sha256: null, size: null }];
    const packages = [{ ...director!, srpm: 'srpm', files: [] }, ...others];
    const changed = planFactory({ ...hello, sources, packages }, EMPTY_LOCK, { frozen: false, scripts });
    const { inputs, params } = stepOf(changed, 'assemble-srpm', 'assemble-srpm:hello-director');
    expect(inputs.srpm).toEqual([{ step: 'fetch-http:srpm', kind: 'source' }]);
    expect(params.scripts.map(({ path }) => path)).toContain('dockerfiles/steps/unpack-srpm.sh');
  });

  test('a script that is missing in our tree is found when planning', () => {
    expect(() => planFactory(hello, EMPTY_LOCK, { frozen: false, scripts: new Map() })).toThrow('no step script');
  });
});

describe('locked and frozen', () => {
  const apt = { kind: 'apt', file: 'f', sha256: digest('a'), size: 1, trust: 'apt', version: '1-1' } as const;
  const image = { id: `sha256:${digest('d')}` };
  const built = { kind: 'built', ...image, from: 'debian' } as const;
  const packages: [string] = ['bash amd64 5.2-1'];
  const images: Lock['images'] = {
    'debian-base': { kind: 'base', ...image, base: `tree:sha256:${digest('e')}` },
    ...Object.fromEntries(
      [hello, lts].flatMap((one) =>
        planFactory(one, EMPTY_LOCK, { frozen: false, scripts }).steps.flatMap(({ stage, params }) =>
          stage === 'builder-image'
            ? [[params.name, { ...built, context: contextDigest(params.context), packages }]]
            : [],
        ),
      ),
    ),
  };
  const locked: Lock = {
    version: 2,
    images,
    sources: {
      'linux-package': { ...apt, package: 'linux-source-6.1', version: '6.1.192-1' },
      keepalived: { ...apt, package: 'keepalived' },
      ipvsadm: { ...apt, package: 'ipvsadm' },
    },
  };

  test('frozen refuses the first source that is not locked', () => {
    const failure = thrown('SourceNotLocked', () => planFactory(lts, EMPTY_LOCK, { frozen: true, scripts }));
    expect(failure.source).toBe('linux-package');
    expect(() => planFactory(lts, locked, { frozen: true, scripts })).not.toThrow();
  });

  const lockedImages: Lock = { ...EMPTY_LOCK, images };
  const planHello = (lock: Lock, options: Partial<PlanOptions> = {}) =>
    planFactory(hello, lock, { frozen: false, scripts, ...options });

  test('frozen refuses images that are not locked, or were locked as something else', () => {
    expect(() => planHello(lockedImages, { frozen: true })).not.toThrow();
    expect(thrown('ImageNotLocked', () => planHello(EMPTY_LOCK, { frozen: true })).image).toBe('debian-base');
    const builder = { ...built, context: contextDigest(hello.builder.context), packages };
    for (const other of [{ ...builder, context: digest('f') }, { ...builder, from: 'centos' }, undefined]) {
      const { 'debian-builder': _, ...rest } = images;
      const lock = { ...EMPTY_LOCK, images: { ...rest, ...(other && { 'debian-builder': other }) } };
      expect(thrown('ImageNotLocked', () => planHello(lock, { frozen: true })).image).toBe('debian-builder');
    }
    const given = { frozen: true, baseImages: { debian: 'mine:1' } };
    expect(thrown('ImageNotLocked', () => planHello(lockedImages, given)).image).toBe('debian-base');
  });

  test('a locked package set is in the key, and a vendored image is taken only for what is locked', () => {
    const file = { dir: '/v', path: 'images/debian-builder.tar', sha256: digest('a'), size: 1 };
    const vendored = [{ sources: {}, keys: [], images: { 'debian-builder': { ...file, ...image } } }];
    const step = (lock: Lock) => stepOf(planHello(lock, { vendored }), 'builder-image', 'builder-image:debian-builder');
    expect(step(EMPTY_LOCK)).toMatchObject({ params: { locked: null }, hints: { packages: null, vendored: null } });
    expect(step(lockedImages)).toMatchObject({
      params: { locked: packagesDigest(['bash amd64 5.2-1']) },
      hints: { packages: ['bash amd64 5.2-1'], vendored: { ...file, ...image, lockedId: image.id } },
    });
  });

  test('a base that the recipe has come to mean otherwise is not locked', () => {
    const base = (is: string) =>
      stepOf(
        planHello({ ...EMPTY_LOCK, images: { 'debian-base': { kind: 'base', ...image, base: is } } }),
        'base-image',
        'base-image:debian',
      ).params;
    const { digest: inRegistry } = base('');
    expect(base(`registry:${inRegistry}`).locked).toBe(`registry:${inRegistry}`);
    expect(base('tree:sha256:1').locked).toBe('tree:sha256:1');
    expect(base('registry:sha256:1').locked).toBeNull();
  });

  test('a lock entry pins version and digest', () => {
    const { params } = stepOf(
      planFactory(lts, locked, { frozen: false, scripts }),
      'fetch-apt',
      'fetch-apt:linux-package',
    );
    expect(params).toMatchObject({ version: '6.1.192-1', sha256: digest('a') });
  });

  const source = {
    kind: 'http',
    name: 'web',
    mirrors: [{ url: 'http://example.org/a/w.tgz', key: null }],
    file: 'w.tgz',
  } as const;
  const recipe = (sha256: ReturnType<typeof digest> | null): Recipe => ({
    ...hello,
    sources: [...hello.sources, { ...source, sha256, size: null }],
  });
  const entry = { kind: 'http', file: 'w.tgz', sha256: digest('b'), size: 7, trust: 'first-use' } as const;
  const lock: Lock = { ...lockedImages, sources: { web: entry } };

  test('a published checksum is as good as a lock', () => {
    const plan = planFactory(recipe(digest('c')), lockedImages, { frozen: true, scripts });
    expect(stepOf(plan, 'fetch-http', 'fetch-http:web').params).toEqual({
      file: 'w.tgz',
      sha256: digest('c'),
      size: null,
    });
    expect(() => planFactory(recipe(null), EMPTY_LOCK, { frozen: true, scripts })).toThrow('SourceNotLocked');
  });

  test('a lock that contradicts the published checksum is refused', () => {
    const failure = thrown('ChecksumMismatch', () =>
      planFactory(recipe(digest('c')), lock, { frozen: false, scripts }),
    );
    expect(failure).toMatchObject({ source: 'web', want: digest('c'), got: digest('b') });
  });

  test('mirrors of the user come first, also for what has no digest yet: they named them', () => {
    const options = { frozen: false, scripts, mirrors: ['http://mirror.example/x/'] };
    const place = { dir: '/v', path: 'sources/web/w.tgz', sha256: digest('a'), size: 1 };
    const vendored = [{ sources: { web: place }, images: {}, keys: [] }];
    const { hints } = stepOf(planFactory(recipe(null), lock, { ...options, vendored }), 'fetch-http', 'fetch-http:web');
    expect(hints.urls[0]).toBe('/v/sources/web/w.tgz');
    const urls = (which: Lock) =>
      stepOf(planFactory(recipe(null), which, options), 'fetch-http', 'fetch-http:web').hints.urls;
    expect(urls(lock)).toEqual(['http://mirror.example/x/w.tgz', 'http://example.org/a/w.tgz']);
    expect(urls(EMPTY_LOCK)).toEqual(['http://mirror.example/x/w.tgz', 'http://example.org/a/w.tgz']);
  });
});
