import { FactoryError } from '../run/failure.ts';

/** RHEL's ApplyOptionalPatch passes over patches of so many lines or fewer (kernel.spec, 2.6.32). */
const IGNORED_LINES = 9;

/** A patch that is about to be declared in a spec. */
export interface PatchText {
  readonly name: string;
  readonly text: string;
}

/**
 * Looks for what would go wrong with a patch only much later, or never show: one that the spec would pass over, and new
 * Kconfig symbols that nothing gives a value (`known`: the symbols that have one). Failures: PatchIgnored,
 * KconfigWithoutValue.
 */
export function checkPatches(
  packageName: string,
  patches: readonly PatchText[],
  applyWith: string,
  known: ReadonlySet<string>,
): void {
  for (const { name, text } of patches) {
    const lines = text.split('\n').length - 1;
    if (/\bApplyOptionalPatch\b/.test(applyWith) && lines <= IGNORED_LINES)
      throw new FactoryError({ kind: 'PatchIgnored', patch: name, lines });
  }
  for (const { name, text } of patches) {
    const symbols = newSymbols(text).filter((symbol) => !known.has(symbol));
    if (symbols.length > 0)
      throw new FactoryError({ kind: 'KconfigWithoutValue', package: packageName, patch: name, symbols });
  }
}

/**
 * Symbols that a patch adds to Kconfig files and that somebody would be asked about (those with a prompt), as `CONFIG_X`,
 * each once. Entries that the patch only moves or changes (their old line goes) do not count.
 */
export function newSymbols(patch: string): string[] {
  const added = new Set<string>();
  const removed = new Set<string>();
  let kconfig = false;
  let entry: { symbol: string; added: boolean } | undefined;
  for (const line of patch.split('\n')) {
    const [, file] = /^\+\+\+ (?:[^/\s]+\/)?(\S+)/.exec(line) ?? [];
    if (file !== undefined) {
      kconfig = /(^|\/)Kconfig[^/]*$/.test(file);
      entry = undefined;
      continue;
    }
    if (!kconfig || /^(---|@@|diff |index )/.test(line)) {
      entry = undefined;
      continue;
    }
    const [, sign, symbol] = /^([ +-])\s*(?:menu)?config\s+([A-Za-z0-9_]+)\s*$/.exec(line) ?? [];
    if (symbol !== undefined) {
      if (sign === '-') removed.add(symbol);
      else entry = { symbol, added: sign === '+' };
      continue;
    }
    if (
      entry?.added === true &&
      /^[ +]\s*(?:bool|tristate|int|hex|string|prompt|def_bool|def_tristate)\s+["']/.test(line)
    )
      added.add(entry.symbol);
  }
  return [...added].filter((symbol) => !removed.has(symbol)).map((symbol) => `CONFIG_${symbol}`);
}
