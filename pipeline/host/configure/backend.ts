import type { Backend, Cluster } from './cluster.ts';
import { header, type HostFile, textOf } from './host-file.ts';
import { trustedPrefixes } from './rules-kind.ts';

/** What makes a backend load toa at boot; for lts also whom it believes. */
export function backendFiles(cluster: Cluster, { name }: Backend): HostFile[] {
  const head = header('#', cluster, name);
  if (cluster.kind === 'el6') {
    return [
      {
        // EL6 runs what lies there, and is executable, before services start; rc.local comes after them.
        path: 'etc/sysconfig/modules/toa.modules',
        mode: 0o755,
        text: textOf(['#!/bin/sh', head, 'modprobe toa']),
      },
    ];
  }
  const lips = trustedPrefixes(cluster.directors.flatMap((director) => director.lips));
  return [
    { path: 'etc/modules-load.d/toa.conf', mode: 0o644, text: textOf([head, 'toa']) },
    {
      path: 'etc/modprobe.d/toa.conf',
      mode: 0o644,
      text: textOf([
        head,
        '# TOA options are believed from the LIPs of the directors and from nobody else.',
        `options toa lips=${lips.join(',')}`,
      ]),
    },
  ];
}
