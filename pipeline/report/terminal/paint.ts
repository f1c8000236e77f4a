import { styleText } from 'node:util';

/** Colours, or none. Every function keeps the visible text as it is. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** Real colours when `color` is true; the caller decides that (a TTY, and NO_COLOR not set). */
export function createPaint(color: boolean): Paint {
  const style = (name: keyof Paint) => (text: string) =>
    // Unvalidated: newer Nodes would look at process.stdout, but the stream and the decision are the caller's.
    color && text !== '' ? styleText(name, text, { validateStream: false }) : text;
  return {
    bold: style('bold'),
    dim: style('dim'),
    red: style('red'),
    green: style('green'),
    yellow: style('yellow'),
    cyan: style('cyan'),
  };
}
