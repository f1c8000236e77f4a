import type { Facts } from '../run/record.ts';

/** What a step script tells us between its log lines: `@@factory key=value` on standard output or error. */
export interface Notes {
  /** Every fact, the last value of each key; numbers where they look like numbers. */
  facts(): Facts;
  /** The last `error=<code> detail=<text>`; undefined when the script named none. */
  error(): { readonly code: string; readonly detail: string } | undefined;
  /** Takes a line; returns the new phase when the line announces one. */
  take(line: string): { readonly note: boolean; readonly phase?: string };
}

/** Collects the machine lines of one container run. */
export function createNotes(): Notes {
  const facts = new Map<string, string | number>();
  let error: { code: string; detail: string } | undefined;
  return {
    facts: () => Object.fromEntries(facts),
    error: () => error,
    take(line) {
      const match = /^@@factory ([a-zA-Z0-9_.-]+)=(.*)$/.exec(line);
      if (match === null) return { note: false };
      const [, key = '', value = ''] = match;
      if (key === 'phase') return { note: true, phase: value };
      if (key === 'error') {
        const [code = value, detail = ''] = value.split(/ detail=(.*)/s);
        error = { code, detail };
        return { note: true };
      }
      if (!key.startsWith('reject')) facts.set(key, /^-?\d{1,15}$/.test(value) ? Number(value) : value);
      return { note: true };
    },
  };
}
