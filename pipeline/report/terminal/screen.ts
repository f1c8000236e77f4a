/** What the reporter needs of a stream. */
export interface Output {
  write(text: string): unknown;
}

/** Lines that stay, and below them one line that is drawn again and again. */
export interface Screen {
  /** Prints lines above the status line. */
  print(lines: readonly string[]): void;
  /** Draws, replaces or (null) removes the status line. Nothing without a TTY. */
  status(text: string | null): void;
}

/** What a screen is drawn on. */
export interface ScreenOptions {
  readonly stream: Output;
  readonly isTTY: boolean;
  /** Asked before every drawing, because windows change. */
  readonly columns: () => number;
  /** Colours the status line; must not change its width. */
  readonly style?: (text: string) => string;
}

/**
 * A screen on a stream. The cursor is never hidden and always stands after the status line, so that there is nothing to
 * restore when the process dies.
 */
export function createScreen(options: ScreenOptions): Screen {
  const { stream, isTTY } = options;
  const style = options.style ?? ((text: string) => text);
  let shown = '';

  function erase(): string {
    if (shown === '') return '';
    // After the window got narrower the line may take several rows.
    const rows = Math.ceil(shown.length / Math.max(1, options.columns()));
    return `\r${rows > 1 ? `\u001b[${rows - 1}A` : ''}\u001b[J`;
  }

  return {
    print(lines) {
      if (lines.length === 0) return;
      const text = lines.map((line) => `${line}\n`).join('');
      stream.write(`${erase()}${text}${shown === '' ? '' : style(shown)}`);
    },
    status(text) {
      const next = isTTY ? (text ?? '') : '';
      if (next === shown) return;
      stream.write(`${erase()}${next === '' ? '' : style(next)}`);
      shown = next;
    },
  };
}
