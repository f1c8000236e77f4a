/** A place in a file that a person can open; line and column count from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** A failure in words. */
export interface Description {
  /** One line, for an annotation or a list. */
  readonly short: string;
  /** Lines for a terminal: what exactly, where. May be empty. Without the log's tail (see `tailOf`). */
  readonly detail: readonly string[];
  /** What to do, most likely first; whole sentences. Never empty. */
  readonly advice: readonly string[];
  readonly location?: Location;
}
