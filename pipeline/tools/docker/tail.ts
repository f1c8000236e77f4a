/** The last lines of something, for failures. */
export class Tail {
  readonly #lines: string[] = [];
  readonly #max: number;

  constructor(max = 40) {
    this.#max = max;
  }

  push(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > this.#max) this.#lines.shift();
  }

  lines(): readonly string[] {
    return [...this.#lines];
  }
}
