import type { Path } from './document.ts';
import type { Report } from './report.ts';
import { unknownName } from './report.ts';
import type { PackageInput } from './schema.ts';

/** A symbol is either set or added, and means one thing; what wins over every fragment goes into the strongest one. */
export function configRules(name: string, input: PackageInput, report: Report): void {
  const { config } = input;
  if (config === undefined) return;
  const at: Path = ['packages', name, 'config'];
  const { set = {}, add = {}, override = {}, values = {}, strongest } = config;
  const own = [config.fragment, ...(input.files ?? []).map((file) => file.slice(file.lastIndexOf('/') + 1))];
  if (strongest === undefined && Object.keys(override).length > 0)
    report([...at, 'override'], '"strongest" must name the fragment that wins over all others', 'key');
  if (strongest !== undefined && input.srpm === undefined && !own.includes(strongest))
    report([...at, 'strongest'], unknownName('file', strongest, own));
  for (const symbol of Object.keys(add)) {
    if (symbol in set)
      report([...at, 'add', symbol], `${symbol} is in "set" already: it is either there or not`, 'key');
  }
  const changed: Readonly<Record<string, string>> = { ...add, ...set };
  for (const [symbol, value] of Object.entries(values)) {
    const other = changed[symbol];
    if (other !== undefined && other !== value) {
      report([...at, 'values', symbol], `${symbol} cannot be ${value}: the recipe makes it ${other}`);
    }
  }
}
