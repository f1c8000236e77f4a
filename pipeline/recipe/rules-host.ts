import type { Path } from './document.ts';
import { reportRepeated, unknownName } from './report.ts';
import type { Report } from './report.ts';
import type { RecipeInput } from './schema.ts';

type RoleInput = RecipeInput['roles'][string];

/** Checks that every manifest has by itself. */
const OWN_CHECKS = ['kernel-running'];

/** A host gets one kernel, installed beside the one that runs; nothing is said twice, and nothing is removed that is installed. */
export function hostRules(recipe: RecipeInput, report: Report): void {
  for (const [name, role] of Object.entries(recipe.roles)) hostRule(role, ['roles', name], report);
}

function hostRule({ host, packages, checks = [] }: RoleInput, role: Path, report: Report): void {
  if (host === undefined) return;
  const at: Path = [...role, 'host'];
  const rpms = packages.map(({ rpm }) => rpm);
  if (!rpms.includes('kernel')) report(at, 'needs the package "kernel" among those of the role', 'key');
  for (const [rpm, how] of Object.entries(host.packages ?? {})) {
    if (!rpms.includes(rpm)) report([...at, 'packages', rpm], unknownName('package of the role', rpm, rpms), 'key');
    else if ((rpm === 'kernel') !== (how === 'beside'))
      report([...at, 'packages', rpm], `${rpm} cannot be installed ${how}: beside others stand kernels, and only they`);
  }
  for (const [index, { name }] of (host.remove ?? []).entries())
    if (rpms.includes(name)) report([...at, 'remove', index, 'name'], `"${name}" is installed by this role`);
  for (const [index, { expected }] of checks.map((check) => ({ expected: '', ...check })).entries())
    if (/[^ -~]/.test(expected)) report([...role, 'checks', index, 'expected'], 'must be ASCII for a manifest');

  const { distributions } = host.platform;
  const repeated = (list: string, key: string, values: readonly string[] = []): void => {
    reportRepeated(values, (index) => [...at, ...list.split('.'), index, key], report);
  };
  const ids = distributions.map(({ id }) => id);
  repeated('platform.distributions', 'id', ids);
  const words = (host.kernel.arguments ?? []).map(({ argument }) => argument);
  repeated('kernel.arguments', 'argument', words);
  for (const list of ['remove', 'modules', 'services'] as const)
    repeated(
      list,
      'name',
      (host[list] ?? []).map(({ name }) => name),
    );
  const keys = (host.sysctl ?? []).map(({ key }) => key);
  repeated('sysctl', 'key', keys);
  const features = (host.offloads ?? []).map(({ feature }) => feature);
  repeated('offloads', 'feature', features);
  const settings = (host.settings ?? []).map(({ file, key }) => `${file} ${key}`);
  repeated('settings', 'key', settings);
  const paths = (host.files ?? []).map(({ path }) => path);
  repeated('files', 'path', paths);
  const taken = [...OWN_CHECKS, ...checks.map(({ id }) => id)];
  for (const [index, { id }] of (host.checks?.after ?? []).entries()) {
    if (taken.includes(id)) report([...at, 'checks', 'after', index, 'id'], `"${id}" is here twice`);
    taken.push(id);
  }
}
