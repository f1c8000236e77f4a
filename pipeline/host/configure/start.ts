import type { Cluster } from './cluster.ts';
import { ETC, header, type HostFile, textOf } from './host-file.ts';

/** What makes `director boot` run before keepalived starts, and what is switched on and off once. */
export function startFiles(cluster: Cluster, host: string): HostFile[] {
  const head = header('#', cluster, host);
  return cluster.kind === 'el6' ? el6(head) : lts(head);
}

function el6(head: string): HostFile[] {
  return [
    {
      // The init script of the package reads it, whatever it is called with.
      path: 'etc/sysconfig/keepalived',
      mode: 0o644,
      text: textOf([
        head,
        'KEEPALIVED_OPTIONS="-D"',
        '# Not while keepalived runs: it takes the VIPs away, which a reload must not.',
        'case "$1" in',
        `start | restart | condrestart) pidof keepalived >/dev/null || /${ETC}/director boot || exit 1 ;;`,
        'esac',
      ]),
    },
    {
      path: `${ETC}/services`,
      mode: 0o755,
      text: textOf([
        '#!/bin/sh',
        head,
        '# Run once. What runs now is left alone.',
        'set -e',
        'for service in zebra ospfd keepalived; do chkconfig "$service" on; done',
        '# keepalived fills the IPVS table; a saved one would come back at boot.',
        'for service in ipvsadm ospf6d; do if chkconfig --list "$service" >/dev/null 2>&1; then chkconfig "$service" off; fi; done',
        '# It moves interrupts of the network cards away from the processors they are pinned to (LVS_user_manual.pdf, 1 e).',
        'if chkconfig --list irqbalance >/dev/null 2>&1; then chkconfig irqbalance off; fi',
      ]),
    },
  ];
}

function lts(head: string): HostFile[] {
  return [
    {
      path: 'etc/systemd/system/keepalived.service.d/fullnat.conf',
      mode: 0o644,
      text: textOf([
        head,
        '[Unit]',
        'Wants=network-online.target',
        'After=network-online.target frr.service',
        '[Service]',
        `ExecStartPre=/${ETC}/director boot`,
        '# also when keepalived died and could not take its VIPs away',
        `ExecStopPost=/${ETC}/director reset`,
      ]),
    },
    {
      path: `${ETC}/services`,
      mode: 0o755,
      text: textOf([
        '#!/bin/sh',
        head,
        '# Run once. What runs now is left alone.',
        'set -e',
        'systemctl daemon-reload',
        'systemctl enable frr keepalived',
      ]),
    },
  ];
}
