import type { Cluster, Director } from './cluster.ts';
import { ETC, header, type HostFile, textOf } from './host-file.ts';
import { showAddress } from './ipv4.ts';

/** The files that /etc/fullnat/director reads, and the script itself with its header. */
export function settingsFiles(cluster: Cluster, director: Director, script: string): HostFile[] {
  const head = header('#', cluster, director.name);
  const [shebang = '', ...rest] = script.split('\n');
  return [
    { path: `${ETC}/director`, mode: 0o755, text: [shebang, head, ...rest].join('\n') },
    { path: `${ETC}/director.conf`, mode: 0o644, text: textOf([head, ...settings(cluster, director)]) },
    {
      path: `${ETC}/vips`,
      mode: 0o644,
      text: textOf([
        head,
        ...cluster.services.flatMap(({ name, vips }) => vips.map((vip) => `${name} ${showAddress(vip)}`)),
      ]),
    },
    ...(cluster.kind === 'lts' ? [snatRules(cluster, director)] : []),
  ];
}

function settings({ kind }: Cluster, { inner, outer, lips }: Director): string[] {
  const offloads = kind === 'el6' ? [...new Set([...outer, inner].map(({ name }) => name))] : [];
  return [
    '# the interface of the LIPs',
    `INNER=${inner.name}`,
    `LIPS='${lips.map(showAddress).join(' ')}'`,
    '# loaded before sysctl.conf is applied',
    `MODULES='${kind === 'el6' ? 'ip_vs' : 'nf_conntrack ip_vs'}'`,
    ...(kind === 'el6'
      ? [
          '# GRO and LRO off: merged packets would be longer than the MTU when they leave again (LVS_user_manual.pdf, 1 d)',
        ]
      : ['# GRO may stay: this kernel puts the TCP option into merged packets too']),
    `OFFLOADS_OFF='${offloads.join(' ')}'`,
  ];
}

/** SNAT from the pool of LIPs for what IPVS sends to real servers; keepalived's own checks keep the director's address. */
function snatRules(cluster: Cluster, { name, lips }: Director): HostFile {
  const pool = [lips[0] ?? 0, lips.at(-1) ?? 0].map(showAddress).join('-');
  return {
    path: `${ETC}/snat.rules`,
    mode: 0o644,
    text: textOf([
      header('#', cluster, name),
      '# For iptables-restore --noflush; /etc/fullnat/director boot applies it and lets POSTROUTING jump to the chain.',
      '*nat',
      ':FULLNAT - [0:0]',
      ...cluster.services.flatMap(({ vips, port }) =>
        vips.map((vip) => `-A FULLNAT -m ipvs --vaddr ${showAddress(vip)} --vport ${port} -j SNAT --to-source ${pool}`),
      ),
      'COMMIT',
    ]),
  };
}
