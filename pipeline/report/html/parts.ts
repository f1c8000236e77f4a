import { html, raw } from './page.ts';
import type { Html, Part } from './page.ts';

/** A column of a table; `number` aligns it to the right. */
export interface Column {
  readonly title: string;
  readonly number?: boolean;
}

/**
 * A table that scrolls by itself when it is wider than the page; the first cell of a row heads it. On a phone each row is a
 * block, and every cell says which column it is of.
 */
export function table(name: string, columns: readonly Column[], rows: readonly (readonly Part[])[]): Html {
  const align = (column: Column | undefined): Html => html`${column?.number === true ? html` class="number"` : null}`;
  const label = (column: Column | undefined): Html => html` data-label="${column?.title ?? ''}"`;
  return html`<div class="scroll" role="region" aria-label="${name}" tabindex="0">
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" ${align(column)}>${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map((cell, index) => (index === 0 ? html`<th scope="row">${cell}</th>` : html`<td${align(columns[index])}${label(columns[index])}>${cell}</td>`))}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}

/** A digest that shows its first digits and is selected whole by one click. */
export function digest(sha256: string): Html {
  return html`<code class="sha" tabindex="0" title="${sha256} (a click selects all of it)">${sha256}</code>`;
}

/** A word in a coloured pill; the class decides the colour (made, cached, failed, skipped, ok, warning, info). */
export function badge(className: string, text: string): Html {
  return html`<span class="badge ${className}">${text}</span>`;
}

/** Shell commands, one per line, with a button that copies them where the script of the page runs. */
export function commands(lines: readonly Part[]): Html {
  const text = lines.map((line) => html`<span class="line">${line}</span>${raw('\n')}`);
  return html`<div class="command">
    <button type="button" class="copy">Copy</button>${raw('<pre>')}${text}${raw('</pre>')}
  </div>`;
}

/** Names and values below a heading. */
export function meta(entries: readonly (readonly [name: string, value: Part])[]): Html {
  return html`<dl class="meta">
    ${entries.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** A sentence in which `…` marks commands. */
export function sentence(text: string): Html {
  return html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** `2026-11-22 15:34:15 UTC` from an ISO 8601 time. */
export function time(iso: string): Html {
  return html`<time datetime="${iso}">${iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}</time>`;
}
