import type { ConfigValues } from '../plan/params.ts';
import { FactoryError } from '../run/failure.ts';
import { onlyLine } from './text-edit.ts';

const SET = /^(CONFIG_[A-Za-z0-9_]+)=(.*)$/;
const UNSET = /^# (CONFIG_[A-Za-z0-9_]+) is not set$/;

function symbolOf(line: string): { readonly name: string; readonly value: string } | undefined {
  const [, name, value] = SET.exec(line) ?? [];
  if (name !== undefined && value !== undefined) return { name, value };
  const [, unset] = UNSET.exec(line) ?? [];
  return unset === undefined ? undefined : { name: unset, value: 'n' };
}

/** The line of a .config that gives a symbol a value; `n` is written as "is not set". */
export function configLine(name: string, value: string): string {
  return value === 'n' ? `# ${name} is not set` : `${name}=${value}`;
}

/** Values by symbol of a .config or a fragment; "is not set" is `n`. Of a symbol that is there twice, the last counts. */
export function parseConfig(text: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const symbol = symbolOf(line);
    if (symbol !== undefined) values.set(symbol.name, symbol.value);
  }
  return values;
}

/** Values by symbol of several fragments, without symbols to which they give different ones. */
export function agreedValues(texts: readonly string[]): Map<string, string> {
  const values = new Map<string, string>();
  const disputed = new Set<string>();
  for (const [name, value] of texts.flatMap((text) => [...parseConfig(text)])) {
    if (values.has(name) && values.get(name) !== value) disputed.add(name);
    values.set(name, value);
  }
  for (const name of disputed) values.delete(name);
  return values;
}

/** Changes symbols that a fragment has exactly once, set or "is not set"; EditMismatch otherwise. */
export function configSet(file: string, text: string, values: ConfigValues): string {
  const lines = text.split('\n');
  for (const [name, value] of Object.entries(values)) {
    const index = onlyLine(file, lines, configLine(name, value), (line) => symbolOf(line)?.name === name);
    lines[index] = configLine(name, value);
  }
  return lines.join('\n');
}

/** Adds symbols that a fragment does not have yet; EditMismatch, with where it has them, otherwise. */
export function configAdd(file: string, text: string, values: ConfigValues): string {
  const lines = text.split('\n');
  for (const [name, value] of Object.entries(values)) {
    const found = lines.flatMap((line, index) => (symbolOf(line)?.name === name ? [index] : []));
    if (found.length === 0) continue;
    throw new FactoryError({
      kind: 'EditMismatch',
      file,
      line: configLine(name, value),
      matches: found.map((index) => index + 1),
      near: found.map((index) => `${index + 1}: ${lines[index] ?? ''}`).slice(0, 3),
    });
  }
  const added = Object.entries(values).map(([name, value]) => `${configLine(name, value)}\n`);
  return (text === '' || text.endsWith('\n') ? text : `${text}\n`) + added.join('');
}

/** Gives symbols a value in a fragment, whether it has them (then once at most; EditMismatch otherwise) or not. */
export function configOverride(file: string, text: string, values: ConfigValues): string {
  const has = parseConfig(text);
  const split = (there: boolean) =>
    Object.fromEntries(Object.entries(values).filter(([name]) => has.has(name) === there));
  return configAdd(file, configSet(file, text, split(true)), split(false));
}

/** A symbol whose value in the final .config is not the wanted one. `got` is `missing` when nothing names the symbol. */
export interface ConfigMismatch {
  readonly name: string;
  readonly want: string;
  readonly got: string;
}

/**
 * Compares wanted values with a final .config. A symbol that is wanted off may also be missing: Kconfig does not mention
 * symbols whose dependencies are off.
 */
export function compareConfig(wanted: ConfigValues, finalText: string): ConfigMismatch[] {
  const final = parseConfig(finalText);
  return Object.entries(wanted).flatMap(([name, want]) => {
    const got = final.get(name);
    return got === want || (got === undefined && want === 'n') ? [] : [{ name, want, got: got ?? 'missing' }];
  });
}
