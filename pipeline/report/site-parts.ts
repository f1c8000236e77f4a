import { badge, digest, table } from './html/parts.ts';
import { html } from './html/page.ts';
import type { Html } from './html/page.ts';
import { proofSection } from './site-proof.ts';
import type { SnapshotEvidence, SnapshotPackage, SnapshotPageInput } from './site.ts';
import { formatBytes } from './units.ts';

/** Every package with its digest: those of each role, then the rest. */
export function packageSection(packages: readonly SnapshotPackage[], roles: readonly string[]): Html {
  const of = (role: string | null): readonly SnapshotPackage[] => packages.filter((item) => item.role === role);
  const rest = of(null);
  return html`${roles.map(
    (role) =>
      html`<h2>Packages of a ${role}</h2>
        ${packageTable(role, of(role))}`,
  )}
  ${
    rest.length === 0
      ? null
      : html`<h2>${roles.length === 0 ? 'Packages' : 'For development, and source packages'}</h2>
          ${packageTable('other packages', rest)}`
  }`;
}

function packageTable(label: string, packages: readonly SnapshotPackage[]): Html {
  return table(
    `Packages: ${label}`,
    [{ title: 'package' }, { title: 'size', number: true }, { title: 'sha256' }],
    packages.map((item) => [
      html`<a href="${hrefOf(item.file)}">${item.nevra}</a>`,
      formatBytes(item.size),
      digest(item.sha256),
    ]),
  );
}

/** What was seen of the packages on machines. */
export function evidenceSection({ evidence, proof }: SnapshotPageInput): Html {
  return html`<h2>Installed</h2>
    ${evidenceTable(evidence)} ${proof === null ? null : proofSection(proof)}`;
}

function evidenceTable(evidence: readonly SnapshotEvidence[]): Html {
  if (evidence.length === 0) return html`<p class="muted">Nothing was verified by installing it.</p>`;
  return table(
    'Evidence',
    [{ title: 'role' }, { title: 'outcome' }, { title: 'checks', number: true }],
    evidence.map(({ role, ok, checks }) => [
      html`<a href="${hrefOf(`evidence/verify-install-${role}.json`)}">${role}</a>`,
      ok ? badge('ok', 'passed') : badge('failed', 'failed'),
      checks,
    ]),
  );
}

const ABOUT: readonly (readonly [pattern: RegExp, words: string])[] = [
  [/^SHA256SUMS$/, 'digests of every file; the id of the snapshot is made of its own'],
  [/^manifest\.json$/, 'recipe, key, pair, for programs'],
  [/^pair\.json$/, 'why these kernels and tools belong together'],
  [/^provenance\.json$/, 'how it was made, from which sources (SLSA, in-toto)'],
  [/^provenance\.intoto\.jsonl$/, 'the same, signed (DSSE)'],
  [/^sbom\.cdx\.json$/, 'what is in it (CycloneDX)'],
  [/^install\/.*\.json$/, 'install manifest'],
  [/^install\/.*\.devices$/, 'devices that the kernel has drivers for'],
  [/^install\/install\.sh$/, 'the installer'],
  [/\.asc$/, 'signature'],
];

/** Links to what says how it was made, and how a host checks what it is told. */
export function documentSection({ documents }: SnapshotPageInput): Html {
  return html`<h2>How it was made, and how to check it</h2>
    <p>
      <a href="../../check-repository.sh"><code>check-repository.sh</code></a> (<a href="../../check-repository.sh.asc"
        >signature</a
      >) reads this repository as a host does: signed pointer, its age and serial, sums and signatures.
    </p>
    ${
      documents.length === 0
        ? null
        : table(
            'Documents',
            [{ title: 'file' }, { title: 'what it is' }],
            documents.map((path) => [
              html`<a href="${hrefOf(path)}">${path}</a>`,
              ABOUT.find(([pattern]) => pattern.test(path))?.[1] ?? '',
            ]),
          )
    }`;
}

/** Relative to the page. */
function hrefOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
