import type { Path } from './document.ts';

/**
 * What happens to a list of a recipe when another one that extends it has the same list: `after` puts the entries behind those that
 * are there; field names make an entry change the one that is there with the same values of these fields, and others go behind.
 */
type ListRule = 'after' | readonly string[];

/** All lists that are not simply replaced; `*` stands for any name. */
const RULES: readonly (readonly [path: string, rule: ListRule])[] = [
  ['packages.*.edits', 'after'],
  ['packages.*.files', 'after'],
  ['packages.*.patches.sources', 'after'],
  ['roles.*.checks', ['id']],
  ['roles.*.host.checks.after', ['id']],
  ['roles.*.host.kernel.arguments', ['argument']],
  ['roles.*.host.remove', ['name']],
  ['roles.*.host.modules', ['name']],
  ['roles.*.host.services', ['name']],
  ['roles.*.host.sysctl', ['key']],
  ['roles.*.host.offloads', ['feature']],
  ['roles.*.host.settings', ['file', 'key']],
  ['roles.*.host.files', ['path']],
];

/** The rule of the list at a path; undefined: it is replaced. */
export function listRule(path: Path): ListRule | undefined {
  const found = RULES.find(([pattern]) => {
    const parts = pattern.split('.');
    return parts.length === path.length && parts.every((part, index) => part === '*' || part === path[index]);
  });
  return found?.[1];
}
