/** What the signed pointer of a repository states. Times are ISO 8601, UTC, in whole seconds, so that they compare as texts. */
export interface Pointer {
  readonly schema: 2;
  readonly recipe: string;
  readonly snapshot: string;
  /**
   * Grows with every move, moves back too, and with every renewal. It begins at the seconds since 1970 and is never behind
   * them, so that it also grows when the file was lost.
   */
  readonly serial: number;
  /** When the pointer moved to this snapshot. */
  readonly publishedAt: string;
  /** When this statement was made. */
  readonly issuedAt: string;
  /** After that no host believes it any more. */
  readonly expires: string;
}

/** What somebody wants a pointer to say. */
export interface PointerWish {
  readonly recipe: string;
  readonly snapshot: string;
  /** Days until it expires. */
  readonly validDays: number;
}

const DAY_MS = 86_400_000;

/** The statement as it is signed: JSON with one field per line, which a shell script reads without a parser. */
export function pointerText(pointer: Pointer): string {
  return `${JSON.stringify(pointer, null, 1)}\n`;
}

/** Reads what `pointerText` writes; undefined for anything else, also for the same in other bytes. */
export function parsePointer(text: string): Pointer | undefined {
  let fields: Partial<Pointer>;
  try {
    fields = Object(JSON.parse(text)) as Partial<Pointer>;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { schema, recipe, snapshot, serial, publishedAt, issuedAt, expires } = fields;
  if (schema !== 2 || !isName(recipe) || !isName(snapshot) || !isSerial(serial)) return undefined;
  if (!isTime(publishedAt) || !isTime(issuedAt) || !isTime(expires)) return undefined;
  const pointer: Pointer = { schema, recipe, snapshot, serial, publishedAt, issuedAt, expires };
  return pointerText(pointer) === text ? pointer : undefined;
}

/** The statement that follows `before` (undefined: none is known) when something moves, or when it is said once more. */
export function nextPointer(before: Pointer | undefined, wish: PointerWish, now: Date): Pointer {
  const { recipe, snapshot, validDays } = wish;
  const issuedAt = seconds(now);
  return {
    schema: 2,
    recipe,
    snapshot,
    serial: Math.max((before?.serial ?? 0) + 1, Math.floor(now.getTime() / 1000)),
    publishedAt: before?.snapshot === snapshot ? before.publishedAt : issuedAt,
    issuedAt,
    expires: seconds(new Date(now.getTime() + validDays * DAY_MS)),
  };
}

/** Whether more than half of its life is over: time to say it again, long before any host refuses it. */
export function isHalfSpent({ issuedAt, expires }: Pointer, now: Date): boolean {
  const [from, to] = [Date.parse(issuedAt), Date.parse(expires)];
  return now.getTime() > from + (to - from) / 2;
}

/** Whether a pointer says what is wished and is good for at least half of the time that is wished. */
export function isAsWished(pointer: Pointer, { recipe, snapshot, validDays }: PointerWish, now: Date): boolean {
  const life = Date.parse(pointer.expires) - Date.parse(pointer.issuedAt);
  const says = pointer.recipe === recipe && pointer.snapshot === snapshot && life === validDays * DAY_MS;
  return says && !isHalfSpent(pointer, now);
}

const seconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9A-Za-z_-][0-9A-Za-z._-]*$/.test(value);
const isSerial = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0;
const isTime = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) && !Number.isNaN(Date.parse(value));
