import { badge, digest, meta, table, time } from './html/parts.ts';
import { html, page } from './html/page.ts';
import type { Html } from './html/page.ts';
import { proofSection } from './site-proof.ts';
import type { SnapshotProof } from './site-proof.ts';
import { repoFileName } from '../rpm/repo-file.ts';
import { formatBytes } from './units.ts';

/** A package of a snapshot. */
interface SnapshotPackage {
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
interface SnapshotEvidence {
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
}

/** The page a person looks at, `index.html` inside a published snapshot. */
export function snapshotPage(input: SnapshotPageInput): string {
  const roles = [...new Set(input.packages.flatMap(({ role }) => (role === null ? [] : [role])))].sort();
  const rest = input.packages.filter((item) => item.role === null);
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
        ['Signed by', html`<code>${fingerprint(input.keyFingerprint)}</code>`],
      ])}
      ${
        input.keyIsDemo
          ? html`<section class="card attention">
              <p>
                <strong>Signed with a throw-away demo key.</strong> Good for trying the packages; do not trust it on
                machines that matter. Publish with a key of your own for those.
              </p>
            </section>`
          : null
      }
      ${
        input.unlocked.length > 0
          ? html`<section class="card attention">
              <p>
                <strong>Built from sources that were not locked:</strong> ${input.unlocked.join(', ')}. Upstream
                publishes neither checksum nor signature of them; these are the bytes that came. Look at them and lock
                them (<code>factory lock</code>).
              </p>
            </section>`
          : null
      }
      <h2>How to install</h2>
      <div class="card">${install(input, roles)}</div>
      ${roles.map(
        (role) =>
          html`<h2>Role ${role}</h2>
            ${packageTable(
              role,
              input.packages.filter((item) => item.role === role),
            )}`,
      )}
      ${
        rest.length === 0
          ? null
          : html`<h2>${roles.length === 0 ? 'Packages' : 'For development, and source packages'}</h2>
              ${packageTable('other packages', rest)}`
      }
      <h2>Installed</h2>
      ${evidenceTable(input.evidence)} ${input.proof === null ? null : proofSection(input.proof)}`,
  );
}

function install({ recipe, keyFingerprint, packages }: SnapshotPageInput, roles: readonly string[]): Html {
  const commands = roles.map((role) => {
    // Whole NEVRAs: the kernels of both roles are called "kernel", and only the release tells them apart.
    const nevras = packages.filter((item) => item.role === role).map((item) => item.nevra);
    return `# ${role}\nyum install ${nevras.join(' ')}\n`;
  });
  return html`<p>
      1. Put <a href="../../${repoFileName(recipe)}"><code>${repoFileName(recipe)}</code></a> into
      <code>/etc/yum.repos.d/</code>; it follows the pointer and checks every signature.
    </p>
    <p>
      2. Compare the key that yum asks about with
      <code>${fingerprint(keyFingerprint)}</code>, and install what the machine is to be:
    </p>
    <pre>${commands.length === 0 ? 'yum install PACKAGE' : commands.join('')}</pre>
    <p>
      All packages come from one snapshot, so a director and its backends belong together. Reboot into the new kernel
      afterwards.
    </p>`;
}

function packageTable(label: string, packages: readonly SnapshotPackage[]): Html {
  return table(
    `Packages: ${label}`,
    [{ title: 'package' }, { title: 'size', number: true }, { title: 'sha256' }],
    packages.map((item) => [
      html`<a href="${item.file.split('/').map(encodeURIComponent).join('/')}">${item.nevra}</a>`,
      formatBytes(item.size),
      digest(item.sha256),
    ]),
  );
}

function evidenceTable(evidence: readonly SnapshotEvidence[]): Html {
  if (evidence.length === 0) return html`<p class="muted">Nothing was verified by installing it.</p>`;
  return table(
    'Evidence',
    [{ title: 'role' }, { title: 'outcome' }, { title: 'checks', number: true }],
    evidence.map(({ role, ok, checks }) => [role, ok ? badge('ok', 'passed') : badge('failed', 'failed'), checks]),
  );
}

/** In groups of four, as gpg prints it. */
function fingerprint(text: string): string {
  return (text.match(/.{1,4}/g) ?? []).join(' ');
}
