import { badge, meta, time } from './html/parts.ts';
import { html, page } from './html/page.ts';
import type { Html } from './html/page.ts';
import { copyScript, copyScriptSource } from './html/script.ts';
import { changesSection } from './site-changes.ts';
import type { ChangesSince } from './site-changes.ts';
import { hostSection } from './site-host.ts';
import type { HostChanges } from './site-host.ts';
import { installSection } from './site-install.ts';
import { documentSection, evidenceSection, packageSection } from './site-parts.ts';
import type { SnapshotProof } from './site-proof.ts';

/** A package of a snapshot. */
export interface SnapshotPackage {
  readonly name: string;
  readonly nevra: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
  /** Relative to the page: `RPMS/kernel-….rpm`. */
  readonly file: string;
  /** `director`, `backend`, … ; null: for no role (a source package, a -devel package). */
  readonly role: string | null;
}

/** Outcome of a verification of a role. */
export interface SnapshotEvidence {
  readonly role: string;
  readonly ok: boolean;
  /** How many checks were made. */
  readonly checks: number;
}

/** Everything that the page of a snapshot shows. */
export interface SnapshotPageInput {
  readonly recipe: string;
  readonly snapshot: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Fingerprint of the key that signed packages and metadata. */
  readonly keyFingerprint: string;
  /** Made on the spot for demonstration: anybody who has this checkout's secrets can sign with it. */
  readonly keyIsDemo: boolean;
  /** Sources that nothing vouched for. */
  readonly unlocked: readonly string[];
  readonly packages: readonly SnapshotPackage[];
  readonly evidence: readonly SnapshotEvidence[];
  /** null: the packages were not booted. */
  readonly proof: SnapshotProof | null;
  /** Where hosts find the published tree, without a slash at the end. */
  readonly baseUrl: string;
  /** By role; empty for a snapshot without install manifests. */
  readonly hosts: readonly HostChanges[];
  /** null: the first snapshot. */
  readonly changes: ChangesSince | null;
  /** Paths of what says how it was made and lets programs check it. */
  readonly documents: readonly string[];
}

/** The page a person looks at, `index.html` inside a published snapshot: one file that loads nothing. */
export function snapshotPage(input: SnapshotPageInput): string {
  const named = [...input.packages.map(({ role }) => role), ...input.hosts.map(({ role }) => role)];
  const roles = [...new Set(named.filter((role) => role !== null))].sort(directorFirst);
  return page(
    `${input.recipe}: snapshot ${input.snapshot}`,
    html`<header>
        <h1>${input.recipe} repository</h1>
        ${input.keyIsDemo ? badge('warning', 'demo key') : null}
        ${input.unlocked.length > 0 ? badge('warning', 'unlocked sources') : null}
      </header>
      ${meta([
        ['Snapshot', html`<code>${input.snapshot}</code>`],
        ['Made', time(input.createdAt)],
        ['Signed by', html`<code class="fingerprint">${fingerprint(input.keyFingerprint)}</code>`],
      ])}
      <p>
        Kernels and tools for LVS FULLNAT as signed RPM packages. What is on this page was built, signed and tested
        together, so install directors and their backends from the same snapshot.
      </p>
      ${roles.length === 0 ? null : meta(roles.map((role) => [role, ABOUT[role] ?? 'a role of this recipe']))}
      ${warnings(input)}
      ${
        roles.length === 0
          ? null
          : html`<h2>Install</h2>
              <p>
                As root. Compare the fingerprint with one that you got another way than from this server:
                <code class="fingerprint">${fingerprint(input.keyFingerprint)}</code>
              </p>`
      }
      ${roles.map(
        (role) =>
          html`<h3 id="install-${role}">Install a ${role}</h3>
            ${installSection(input, role)}`,
      )}
      ${changesSection(input.changes)} ${hostSection(input.hosts)} ${packageSection(input.packages, roles)}
      ${evidenceSection(input)} ${documentSection(input)}`,
    { html: copyScript, source: copyScriptSource },
  );
}

/** The roles of every recipe that comes with the factory. */
const ABOUT: Readonly<Record<string, string>> = {
  director: 'takes connections and passes them on from local addresses of its own (LIPs)',
  backend: 'a real server: its kernel tells programs the address of the client (TOA)',
};

function directorFirst(a: string, b: string): number {
  return Number(b === 'director') - Number(a === 'director') || (a < b ? -1 : 1);
}

function warnings({ keyIsDemo, unlocked }: SnapshotPageInput): Html {
  return html`${
    keyIsDemo
      ? html`<section class="card attention">
          <p>
            <strong>Signed with a throw-away demo key.</strong> Good for trying the packages; do not trust it on
            machines that matter. Publish with a key of your own for those.
          </p>
        </section>`
      : null
  }${
    unlocked.length > 0
      ? html`<section class="card attention">
          <p>
            <strong>Built from sources that were not locked:</strong> ${unlocked.join(', ')}. Upstream publishes neither
            checksum nor signature of them; these are the bytes that came. Look at them and lock them (<code
              >factory lock</code
            >).
          </p>
        </section>`
      : null
  }`;
}

/** In groups of four, as gpg prints it. */
function fingerprint(text: string): string {
  return (text.match(/.{1,4}/g) ?? []).join(' ');
}
