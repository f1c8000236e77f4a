import type { Cluster, Director, RealServer, Service } from './cluster.ts';
import { ETC, header, type HostFile, textOf } from './host-file.ts';
import { showAddress } from './ipv4.ts';

/**
 * keepalived.conf. Keywords of kind el6: keepalived 1.2.2 with the LVS patch (tools/keepalived of the LVS package, check_parser.c,
 * check_tcp.c, check_http.c; LVS_user_manual.pdf, section 1 i). Kind lts: keepalived.conf(5) of 2.2.
 */
export function keepalivedConf(cluster: Cluster, director: Director): HostFile {
  const classic = cluster.kind === 'el6';
  return {
    path: 'etc/keepalived/keepalived.conf',
    mode: 0o644,
    text: textOf([
      header('!', cluster, director.name),
      '',
      'global_defs {',
      `    router_id ${director.name}`,
      // Without them 2.x looks for a user keepalived_script, and warns.
      ...(classic ? [] : ['    script_user root', '    enable_script_security']),
      '}',
      ...(classic ? localAddresses(director) : []),
      ...cluster.services.flatMap((service) => serviceLines(service, classic)),
    ]),
  };
}

const GROUP = 'lips';

function localAddresses({ lips }: Director): string[] {
  return ['', `local_address_group ${GROUP} {`, ...lips.map((lip) => `    ${showAddress(lip)}`), '}'];
}

function serviceLines(service: Service, classic: boolean): string[] {
  const { name, vips, port } = service;
  return [
    '',
    `virtual_server_group ${name} {`,
    ...vips.map((vip) => `    ${showAddress(vip)} ${port}`),
    '}',
    '',
    `virtual_server group ${name} {`,
    `    delay_loop ${service.delayLoop}`,
    `    lb_algo ${service.scheduler}`,
    `    lb_kind ${classic ? 'FNAT' : 'NAT'}`,
    '    protocol TCP',
    ...(service.synProxy ? ['    syn_proxy'] : []),
    ...(classic ? [`    laddr_group_name ${GROUP}`] : []),
    '    ! Without alpha the quorum counts as reached from the start and quorum_up never runs; without omega',
    '    ! quorum_down does not run when keepalived stops, and the VIPs stay announced.',
    '    alpha',
    '    omega',
    `    quorum ${service.quorum}`,
    `    hysteresis ${service.hysteresis}`,
    `    quorum_up "/${ETC}/director up ${name}"`,
    `    quorum_down "/${ETC}/director down ${name}"`,
    ...service.realServers.flatMap((server) => realServer(server, service, classic)),
    '}',
  ];
}

function realServer(server: RealServer, { check, inhibitOnFailure }: Service, classic: boolean): string[] {
  const { name, address, port, weight } = server;
  return [
    `    ! ${name}`,
    `    real_server ${showAddress(address)} ${port} {`,
    `        weight ${weight}`,
    ...(inhibitOnFailure ? ['        inhibit_on_failure'] : []),
    ...checkLines(check, classic).map((line) => `        ${line}`),
    '    }',
  ];
}

function checkLines(check: Service['check'], classic: boolean): string[] {
  switch (check.kind) {
    case 'tcp':
      return ['TCP_CHECK {', `    connect_timeout ${check.timeout}`, '}'];
    case 'http':
      return [
        'HTTP_GET {',
        '    url {',
        `        path ${check.path}`,
        `        status_code ${check.status}`,
        '    }',
        `    connect_timeout ${check.timeout}`,
        // 2.x takes the old name too, and complains.
        `    ${classic ? 'nb_get_retry' : 'retry'} ${check.retries}`,
        `    delay_before_retry ${check.delay}`,
        '}',
      ];
  }
}
