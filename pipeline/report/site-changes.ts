import type { Change, SnapshotChanges } from '../plan/snapshot-changes.ts';
import { digest, table } from './html/parts.ts';
import { html } from './html/page.ts';
import type { Html, Part } from './html/page.ts';

/** What differs from the snapshot that hosts had before; `found` is null where that one cannot be believed any more. */
export interface ChangesSince {
  readonly previous: string;
  readonly found: SnapshotChanges | null;
}

/** What is new in a snapshot. `changes` is null for the first one. */
export function changesSection(changes: ChangesSince | null): Html {
  return html`<h2>Changes since the previous snapshot</h2>
    ${changes === null ? html`<p>This is the first snapshot: nothing was published before.</p>` : since(changes)}`;
}

function since({ previous, found }: ChangesSince): Html {
  const link = html`<a href="../${encodeURIComponent(previous)}/"><code>${previous}</code></a>`;
  if (found === null)
    return html`<p>
      The snapshot before it, ${link}, is not as it was published any more, so nothing is said about the difference.
    </p>`;
  const { packages, patches, config } = found;
  return html`<p>Compared with ${link}, which was published before.</p>
    ${part('Packages', 'package', packages, digest)} ${part('Patches', 'patch', patches, digest)}
    ${part('Kernel configuration', 'symbol', config, (value) => html`<code>${value}</code>`)}`;
}

function part(title: string, what: string, changes: readonly Change[] | null, show: (value: string) => Part): Html {
  if (changes === null) return html`<p class="muted">${title}: one of the two has no provenance that says.</p>`;
  if (changes.length === 0) return html`<p class="muted">${title}: no change.</p>`;
  const cell = (value: string | null): Part => (value === null ? '–' : show(value));
  return html`<h3>${title}</h3>
    ${table(
      `${title} that changed`,
      [{ title: what }, { title: 'change' }, { title: 'before' }, { title: 'now' }],
      changes.map((one) => [one.name, wordFor(one), cell(one.before), cell(one.after)]),
    )}`;
}

function wordFor({ before, after }: Change): string {
  if (before === null) return 'new';
  return after === null ? 'gone' : 'changed';
}
