import type { Path } from './document.ts';
import type { Report } from './report.ts';
import type { PackageInput } from './schema.ts';

/** A symbol is either set or added, and means one thing. */
export function configRules(name: string, input: PackageInput, report: Report): void {
  const { config } = input;
  if (config === undefined) return;
  const at: Path = ['packages', name, 'config'];
  const { set = {}, add = {}, values = {} } = config;
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
