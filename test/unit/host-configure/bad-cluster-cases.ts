import type { Edits } from './example.ts';

const LIPS2 = 'lips: { first: 10.0.2.96 }';
/** A mistake, how to make it in the example, and what is said about it. */
export const CASES: readonly (readonly [name: string, edits: Edits, problems: readonly string[]])[] = [
  [
    'a LIP that is the own address of an interface',
    [['10.0.0.2/22', '10.0.2.100/22']],
    [
      "directors[1].lips.first, at 10.0.2.96: 10.0.2.100 is the address of director2's interface eth1 already; it cannot be a LIP of director2 (a LIP is never the own address of an interface)",
    ],
  ],
  [
    'LIPs of two directors that overlap',
    [[LIPS2, 'lips: { first: 10.0.2.91 }']],
    ['directors[1].lips.first, at 10.0.2.91: 10.0.2.91 is a LIP of director1 already; it cannot be a LIP of director2'],
  ],
  [
    'a range that goes past .254',
    [[LIPS2, 'lips: { first: 10.0.2.228 }']],
    [
      'directors[1].lips.first, at 10.0.2.228: 28 addresses from 10.0.2.228 would end at .255; the last part may be 254 at most',
    ],
  ],
  [
    'a backend that is a LIP',
    [['address: 10.0.1.11', 'address: 10.0.2.64']],
    [
      'directors[0].lips.first, at 10.0.2.64: 10.0.2.64 is the address of backend nginx1 already; it cannot be a LIP of director1',
    ],
  ],
  [
    'a VIP that is a LIP, in a network of VIPs that is in an inner network',
    [
      ['vips: [203.0.113.1, 203.0.113.2]\n    port: 80', 'vips: [10.0.2.65]\n    port: 80'],
      ['vipNetworks: [203.0.113.0/28]', 'vipNetworks: [203.0.113.0/28, 10.0.2.64/28]'],
    ],
    [
      'directors[0].lips.first, at 10.0.2.64: 10.0.2.65 is a VIP already; it cannot be a LIP of director1',
      ...['director1', 'director2', 'director3'].map(
        (name) =>
          `ospf.vipNetworks[1], at 10.0.2.64/28: overlaps with the network of ${name}'s interface eth1; VIPs need networks of their own`,
      ),
    ],
  ],
  [
    'a backend that is a VIP',
    [['address: 10.0.1.14', 'address: 203.0.113.2']],
    [
      'services[0].vips[1], at 203.0.113.2: 203.0.113.2 is the address of backend nginx4 already',
      'services[1].vips[1], at 203.0.113.2: 203.0.113.2 is the address of backend nginx4 already',
    ],
  ],
  [
    'two backends of one address',
    [['address: 10.0.1.12', 'address: 10.0.1.11']],
    ['backends[1].address, at 10.0.1.11: 10.0.1.11 is the address of backend nginx1 already'],
  ],
  [
    'two hosts of one name',
    [['{ name: nginx4, address', '{ name: director1, address']],
    [
      'backends[3].name, at director1: "director1" is here twice',
      'services[0].realServers[3].backend, at nginx4: unknown backend "nginx4"; there are: nginx1, nginx2, nginx3, director1; did you mean "nginx1"?',
      'services[1].realServers[3].backend, at nginx4: unknown backend "nginx4"; there are: nginx1, nginx2, nginx3, director1; did you mean "nginx1"?',
    ],
  ],
  [
    'one interface for both sides',
    [['inner: { interface: eth1, address: 10.0.0.1/22 }', 'inner: { interface: eth0, address: 10.0.0.1/22 }']],
    ['directors[0].inner.interface, at eth0: "eth0" is here twice'],
  ],
  [
    "a network's own address as an interface's",
    [['192.168.0.2/30', '192.168.0.0/30']],
    [
      'directors[0].outer[0].address, at 192.168.0.0/30: no host can have it: it is the network or broadcast address of 192.168.0.0/30',
    ],
  ],
  [
    'two services of one name and one VIP and port',
    [
      ['- name: https', '- name: http'],
      ['port: 443', 'port: 80'],
    ],
    ['services[1].name, at http: "http" is here twice'],
  ],
  [
    'one VIP and port in two services',
    [['port: 443', 'port: 80']],
    [
      "services[1].vips[0], at 203.0.113.1: 203.0.113.1:80 is service http's already",
      "services[1].vips[1], at 203.0.113.2: 203.0.113.2:80 is service http's already",
    ],
  ],
  [
    'one VIP twice, one real server twice',
    [
      ['vips: [203.0.113.1, 203.0.113.2]\n    port: 80', 'vips: [203.0.113.1, 203.0.113.1]\n    port: 80'],
      ['- { backend: nginx2 }', '- { backend: nginx1, port: 80 }'],
    ],
    [
      'services[0].vips[1], at 203.0.113.1: "203.0.113.1" is here twice',
      'services[0].realServers[1], at {: "nginx1:80" is here twice',
    ],
  ],
  [
    'a VIP that nothing announces',
    [['vips: [203.0.113.1, 203.0.113.2]\n    port: 80', 'vips: [203.0.113.16]\n    port: 80']],
    ['services[0].vips[0], at 203.0.113.16: 203.0.113.16 is in none of ospf.vipNetworks: OSPF would not announce it'],
  ],
  [
    'a quorum out of reach, and a hysteresis that keepalived would ignore',
    [['quorum: 150', 'quorum: 350\n    hysteresis: 350']],
    [
      'services[1].quorum, at 350: quorum 350 plus hysteresis 350 can never be reached: all weights together are 350',
      'services[1].hysteresis, at 350: must be smaller than the quorum (350)',
    ],
  ],
  [
    'more uplinks than the router has paths',
    [['equalCostPaths: 8', 'equalCostPaths: 2']],
    [
      'ospf.equalCostPaths, at 2: the directors have 3 uplinks together, the router uses 2 equal-cost paths: the others would get no traffic',
    ],
  ],
  [
    'the backbone as a stub',
    [['area: 0.0.0.11', 'area: 0.0.0.0']],
    ['ospf.area, at 0.0.0.0: the backbone area cannot be a stub: say `stub: false` or take another area'],
  ],
  [
    'one router id twice',
    [['name: director3', 'name: director3\n    routerId: 192.168.0.2']],
    ['directors[2].routerId, at 192.168.0.2: "192.168.0.2" is here twice'],
  ],
  [
    'a dead interval that is too short',
    [['area: 0.0.0.11', 'area: 0.0.0.11\n  hello: 12']],
    ['ospf.dead, at ospf:: must be longer than hello (12)'],
  ],
  [
    'a key that is not there',
    [['keyFile: ospf.key', 'keyFile: other.key']],
    ['ospf.authentication.keyFile, at other.key: other.key cannot be read: ENOENT'],
  ],
  ['neither kind', [['kind: el6', '']], ['kind, at schema:: missing: say el6 or lts here, or --kind']],
  [
    'SYNPROXY on lts',
    [
      ['kind: el6', 'kind: lts'],
      ['quorum: 150', 'quorum: 150\n    synProxy: true'],
    ],
    ['services[1].synProxy, at synProxy:: kind lts has no SYNPROXY: leave it out'],
  ],
  [
    'connection tracking on el6',
    [['kind: el6', 'kind: el6\nconntrackMax: 2048']],
    ['conntrackMax, at conntrackMax:: only kind lts uses connection tracking: leave it out'],
  ],
  [
    'shapes',
    [
      ['10.0.0.1/22', '10.0.0.1'],
      ['port: 443', 'port: 70000'],
      ['scheduler: wlc', 'scheduler: wcl'],
      ['equalCostPaths: 8', 'equalPaths: 8'],
    ],
    [
      'directors[0].inner.address, at 10.0.0.1: "10.0.0.1" must be address/length, like 10.0.2.1/24',
      'services[1].port, at 70000: 70000 must be a port from 1 to 65535',
      'services[1].scheduler, at wcl: "wcl" is not one of: rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq; did you mean "wlc"?',
      'ospf.equalCostPaths, at ospf:: missing key "equalCostPaths"',
      'ospf.equalPaths, at equalPaths:: unknown key "equalPaths"; allowed: area, stub, vipNetworks, hello, dead, referenceBandwidth, equalCostPaths, authentication',
    ],
  ],
];
