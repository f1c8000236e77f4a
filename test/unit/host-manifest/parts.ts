import type { ManifestParts } from '../../../pipeline/host/manifest/manifest.ts';
import type { Recipe } from '../../../pipeline/recipe/recipe.ts';
import { digest } from '../plan/recipes.ts';

/** What a stage would have read in packages of these names: every one in version 1, signed by one key. */
export function partsOf({ name: recipe, roles, packages: all }: Recipe, role: string): ManifestParts {
  const found = roles.find(({ name }) => name === role);
  if (found?.host == null) throw new Error(`role ${role} of ${recipe} has no host`);
  const packages = found.packages.map(({ package: from, rpm }, index) => {
    const nevra = `${rpm}-1-1${all.find(({ name }) => name === from)?.buildid ?? ''}.x86_64`;
    const file = { file: `RPMS/${nevra}.rpm`, sha256: digest(String(index)), size: 1000 + index };
    return { name: rpm, nevra, epoch: 0, ...file, key: 'A'.repeat(40) };
  });
  const release = packages[0]?.nevra.slice('kernel-'.length) ?? '';
  return {
    recipe,
    role,
    host: found.host,
    checks: found.checks,
    pair: '0123456789abcdef',
    release,
    arch: 'x86_64',
    packages,
    devices: { file: `install/${role}.devices`, sha256: digest('d'), size: 7 },
    files: found.host.files.map(() => ({ file: 'install/files/f', sha256: digest('f'), size: 3 })),
  };
}
