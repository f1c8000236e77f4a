import { table } from './html/parts.ts';
import { html } from './html/page.ts';
import type { Html } from './html/page.ts';

/** What the installer changes on a host of a role, beside its packages. */
export interface HostChanges {
  readonly role: string;
  /** What `uname -r` says afterwards. */
  readonly release: string;
  readonly changes: readonly {
    /** `sysctl`, `module at boot`, … */
    readonly kind: string;
    readonly what: string;
    /** May be empty. */
    readonly reason: string;
  }[];
}

/** What becomes of a host: every single change with its reason. */
export function hostSection(hosts: readonly HostChanges[]): Html | null {
  if (hosts.length === 0) return null;
  return html`<h2>What the installer changes on a host</h2>
    <p>
      Beside packages, and nothing else. <code>install.sh plan</code> says which of it a given host has already,
      <code>rollback</code> undoes it.
    </p>
    ${hosts.map(
      ({ role, release, changes }) =>
        html`<h3>${role}</h3>
          <p>The kernel that becomes the default when <code>verify</code> confirms it: <code>${release}</code></p>
          ${table(
            `Changes on a ${role}`,
            [{ title: 'change' }, { title: 'to' }, { title: 'why' }],
            changes.map(({ kind, what, reason }) => [kind, html`<code>${what}</code>`, reason]),
          )}`,
    )}`;
}
