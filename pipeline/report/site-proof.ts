import { badge, table } from './html/parts.ts';
import { html, raw } from './html/page.ts';
import type { Html } from './html/page.ts';
import { proofPicture } from './proof-picture.ts';
import type { BootEvidence } from './proof.ts';

/** A boot proof on the page of its snapshot. */
export interface SnapshotProof {
  readonly evidence: BootEvidence;
  /** The files that it left, relative to the page. */
  readonly files: readonly string[];
}

/** What was seen when the packages of a snapshot were booted: the picture, then every check by itself. */
export function proofSection({ evidence, files }: SnapshotProof): Html {
  const versions = Object.values(evidence.versions).join(', ');
  return html`<h2>Booted</h2>
    <p>
      The packages of this snapshot were installed and booted as four virtual machines, with real traffic between them.
      The real servers have no route to the client: every answer came back through the director.
    </p>
    <div class="scroll" role="region" aria-label="Boot proof" tabindex="0">${raw(proofPicture(evidence))}</div>
    <p class="muted">With ${versions === '' ? 'programs that nobody asked' : versions}.</p>
    ${table(
      'Checks of the boot proof',
      [{ title: 'check' }, { title: 'outcome' }, { title: 'seen' }, { title: 'wanted' }],
      evidence.checks.map(({ id, ok, got, want }) => [
        id,
        ok ? badge('ok', 'passed') : badge('failed', 'failed'),
        got,
        want === got ? 'the same' : want,
      ]),
    )}
    <p>
      As files:
      ${files.map((file, index) => html`${index === 0 ? '' : ', '}<a href="${file}">${file.replace(/^.*\//, '')}</a>`)}
    </p>`;
}
