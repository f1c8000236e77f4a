import type { Emit, FactoryEvent } from '../run/events.ts';

/** Replaces what must not be seen in a text. */
export type Mask = (text: string) => string;

/** Shorter words than this are only replaced where they stand alone: as parts of other words they are mostly chance. */
const SHORT = 6;

/**
 * A mask for secret words: host names become `HOST`, everything else `***`, both as they are and URL-encoded, in any
 * case, the longest first. User names and passwords inside URLs are replaced whatever they are.
 */
export function createMask(words: readonly string[]): Mask {
  const forms = new Set(words.flatMap((word) => [word, encodeURIComponent(word)]).filter((word) => word !== ''));
  const longestFirst = [...forms].sort((a, b) => b.length - a.length);
  const maskUrls: Mask = (text) => (text.includes('://') ? text.replace(/(:\/\/)[^/?#\s@"'<>]+@/g, '$1***@') : text);
  if (longestFirst.length === 0) return maskUrls;
  const pattern = new RegExp(longestFirst.map(patternFor).join('|'), 'gi');
  return (text) => maskUrls(text).replace(pattern, (found) => (isHost(found) ? 'HOST' : '***'));
}

function patternFor(word: string): string {
  const literal = word.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return word.length < SHORT ? `(?<![a-z0-9_-])${literal}(?![a-z0-9_-])` : literal;
}

const isHost = (word: string): boolean => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(word);

/** Fields that link events, steps and files to each other. They hold names of ours, never what a program printed. */
const IDENTITY = new Set([
  'type',
  'kind',
  'step',
  'stage',
  'id',
  'because',
  'key',
  'digest',
  'runId',
  'level',
  'stream',
]);

/** An Emit that masks every text in an event, however deep, before anybody sees it. */
export function maskEvents(emit: Emit, mask: Mask): Emit {
  return (event) => emit(maskDeep(event, mask) as FactoryEvent);
}

function maskDeep(value: unknown, mask: Mask): unknown {
  if (typeof value === 'string') return mask(value);
  if (Array.isArray(value)) return value.map((item) => maskDeep(item, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, IDENTITY.has(name) ? item : maskDeep(item, mask)]),
  );
}
