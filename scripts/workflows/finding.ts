/** Something wrong in a workflow file; line counts from 1. */
export interface Finding {
  /** Path as the file was given. */
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}
