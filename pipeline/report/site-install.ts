import { commands } from './html/parts.ts';
import { html } from './html/page.ts';
import type { Html } from './html/page.ts';
import { repoFileName, repoId } from '../rpm/repo-file.ts';
import type { SnapshotPageInput } from './site.ts';

/** How a host of a role is set up from this snapshot: with install.sh where it has a manifest, and with yum by hand. */
export function installSection(input: SnapshotPageInput, role: string): Html {
  const byHand = html`<p>
      Put <a href="../../${repoFileName(input.recipe)}"><code>${repoFileName(input.recipe)}</code></a> into
      <code>/etc/yum.repos.d/</code>; it follows the pointer and checks every signature. It stays disabled, so that no
      later <code>yum update</code> takes the other role's kernel, which is called the same. Compare the key that yum
      asks about with the fingerprint above, and reboot into the new kernel afterwards.
    </p>
    ${commands([`yum --enablerepo=${repoId(input.recipe)} install ${nevrasOf(input, role).join(' ')}`])}`;
  if (!input.hosts.some((host) => host.role === role)) return html`<div class="card">${byHand}</div>`;
  const options = html`--role ${role} --fingerprint ${input.keyFingerprint} ${base(input)}`;
  return html`<div class="card">
    <ol class="steps">
      <li>
        Fetch the installer, its signature and the key. Go on only if the last command answers <code>VALIDSIG</code> and
        that fingerprint. ${safely(input)}
      </li>
      <li>See what it would change. Nothing is changed yet. ${commands([html`sh install.sh plan ${options}`])}</li>
      <li>
        Do it, and reboot: the new kernel is started once, and the old one again should it not come up.
        ${commands([html`sh install.sh apply ${options}`, 'reboot'])}
      </li>
      <li>
        Under the new kernel: check everything, and keep that kernel. <code>sh install.sh rollback</code> takes all
        back. ${commands(['sh install.sh verify'])}
      </li>
    </ol>
    <details>
      <summary>In one line</summary>
      <p>
        It trusts this connection with the installer itself. The installer then checks pointer, manifest and packages
        against the fingerprint, as above. After the reboot say <code>verify</code> in place of <code>apply</code>.
      </p>
      ${commands([html`curl -fsS ${base(input)}/install.sh | sh -s -- apply ${options}`])}
    </details>
    <details>
      <summary>By hand, with yum</summary>
      <p>Only the packages: none of the changes below, no check of the host, no way back.</p>
      ${byHand}
    </details>
  </div>`;
}

/** Fetches and checks the installer: the last command fails unless the key of that fingerprint signed it. The gpg of CentOS 6 can do it too. */
function safely(input: SnapshotPageInput): Html {
  const gpg = 'gpg --no-default-keyring --keyring ./factory.gpg';
  return commands([
    html`curl -fsSO "${base(input)}/{install.sh,install.sh.asc,RPM-GPG-KEY-factory}"`,
    `${gpg} --import RPM-GPG-KEY-factory`,
    `${gpg} --status-fd 1 --verify install.sh.asc install.sh | grep "VALIDSIG ${input.keyFingerprint}"`,
  ]);
}

/** The published tree; the script of the page puts in the address that it was read from. */
function base({ baseUrl }: SnapshotPageInput): Html {
  return html`<span class="base">${baseUrl}</span>`;
}

/** Whole NEVRAs: the kernels of both roles are called "kernel", and only the release tells them apart. */
function nevrasOf({ packages }: SnapshotPageInput, role: string): readonly string[] {
  return packages.filter((item) => item.role === role).map((item) => item.nevra);
}
