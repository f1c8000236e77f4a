/** Which bytes to send: all, one range (both ends inclusive), or none because it lies outside. */
export type Slice =
  | { readonly kind: 'all' }
  | { readonly kind: 'range'; readonly start: number; readonly end: number }
  | { readonly kind: 'outside' };

const ALL: Slice = { kind: 'all' };
const OUTSIDE: Slice = { kind: 'outside' };

/**
 * Reads a Range header for a file of `size` bytes. One range of bytes is honoured; several, other units and what cannot be
 * read mean the whole file, as RFC 9110 section 14.2 allows.
 */
export function sliceOf(header: string | undefined, size: number): Slice {
  const [, first = '', last = ''] = /^bytes\s*=\s*(\d{0,15})\s*-\s*(\d{0,15})$/i.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return ALL;
  if (first === '') {
    const count = Number(last);
    return count === 0 || size === 0 ? OUTSIDE : { kind: 'range', start: Math.max(0, size - count), end: size - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return ALL;
  if (start >= size) return OUTSIDE;
  return { kind: 'range', start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}
