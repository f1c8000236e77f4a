import { escapeHtml } from '../escape.ts';
import { pageStyle } from './style.ts';

/** HTML that is escaped already: made by `html` and `raw` only. */
export interface Html {
  readonly html: string;
}

/** What may stand in a template: text and numbers are escaped, Html is taken as it is, lists are joined, null is nothing. */
export type Part = string | number | null | Html | readonly Part[];

/** Template tag that escapes everything that is put in. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.map((text, index) => text + render(parts[index] ?? null)).join('') };
}

/** Declares text to be safe HTML: only for what this program has made itself. */
export function raw(text: string): Html {
  return { html: text };
}

function render(part: Part): string {
  if (part === null) return '';
  if (typeof part === 'string' || typeof part === 'number') return escapeHtml(String(part));
  if ('html' in part) return part.html;
  return part.map(render).join('');
}

/**
 * A whole document. The policy forbids everything from elsewhere and all scripts but the one of `script`, whatever got into the
 * page. `script.source`: its source expression for the policy.
 */
export function page(
  title: string,
  body: Html,
  script: { readonly html: Html; readonly source: string } | null = null,
): string {
  const scripts = script === null ? '' : ` script-src ${script.source};`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none';${raw(scripts)} style-src 'unsafe-inline'; img-src data:"
        />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        <style>
          ${raw(pageStyle)}
        </style>
      </head>
      <body>
        <main>${body}</main>
        ${script === null ? null : script.html}
      </body>
    </html> `.html;
}
