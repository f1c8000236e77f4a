import { data, Evaluator, Lexer, Parser } from '@actions/expressions';

/** What expressions can see: `needs`, `matrix`, `steps`, `inputs`, `env`, `github`, `secrets`. Plain JSON. */
export type Contexts = Readonly<Record<string, unknown>>;

/** How the jobs or steps before ended, for success(), failure() and cancelled(). */
export type Status = 'success' | 'failure';

/** The value of an expression without its `${{ }}`, by GitHub's own evaluator. */
function evaluate(text: string, contexts: Contexts, status: Status): unknown {
  const constant = (name: string, value: boolean) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(value),
  });
  const functions = [
    constant('success', status === 'success'),
    constant('failure', status === 'failure'),
    constant('cancelled', false),
    constant('always', true),
  ];
  const { tokens } = new Lexer(text).lex();
  const expression = new Parser(tokens, Object.keys(contexts), functions).parse();
  const given = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary;
  const value = new Evaluator(expression, given, new Map(functions.map((one) => [one.name, one]))).evaluate();
  return JSON.parse(JSON.stringify(value, data.replacer));
}

/** A text with its expressions filled in; one that is a single expression keeps the type of its value. */
export function filled(text: unknown, contexts: Contexts): unknown {
  if (typeof text !== 'string') return text;
  const [, only] = /^\$\{\{((?:(?!\}\})[\s\S])*)\}\}$/.exec(text.trim()) ?? [];
  if (only !== undefined) return evaluate(only, contexts, 'success');
  return text.replace(/\$\{\{([\s\S]*?)\}\}/g, (_, inside: string) => asText(evaluate(inside, contexts, 'success')));
}

/** All texts of a mapping, filled in, as text. */
export function filledAll(texts: Readonly<Record<string, unknown>> = {}, contexts: Contexts): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, asText(filled(text, contexts))]));
}

/** Whether an `if` holds. Without a status function in it, what came before must have been a success. */
export function holds(condition: string | boolean | undefined, contexts: Contexts, status: Status): boolean {
  if (condition === undefined) return status === 'success';
  const text = String(condition).replace(/^\s*\$\{\{|\}\}\s*$/g, '');
  const asks = /\b(success|failure|cancelled|always)\s*\(/.test(text);
  return (asks || status === 'success') && Boolean(evaluate(text, contexts, status));
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
