import type { Pair, PairKernel, VerifyPairParams } from '../../../pipeline/plan/pair.ts';

const kernel = (module: string, toa: Partial<PairKernel['toa']>): VerifyPairParams['kernels']['director'] => ({
  package: `kernel-${module}`,
  toa: { module, modinfo: null, code: null, ...toa },
  variables: [{ module: 'ip_vs', symbol: 'tab_bits', config: 'CONFIG_IP_VS_TAB_BITS' }],
  signedModules: true,
  config: { CONFIG_IP_VS_TAB_BITS: '20' },
});

const shared: Pair['interface'] = {
  kernel: { rpm: 'kernel-headers', dirs: ['usr/include'], include: 'linux/ip_vs.h' },
  tools: [{ name: 'ipvsadm', dirs: ['tools-*'], include: 'ip_vs.h' }],
  structs: [
    {
      kernel: 'service',
      tools: 'service_kern',
      members: [
        { kernel: 'addr', tools: 'addr' },
        { kernel: 'port', tools: '__port' },
      ],
    },
  ],
  constants: ['SET_ADD'],
  arguments: [
    { module: 'ip_vs', symbol: 'set_arglen', base: 'SET_NONE', entries: { SET_ADD: ['service_kern', 'dest'] } },
  ],
};

/** A small pair: the director's option is read in its code, the backend's in modinfo and code. */
export const params: Pick<VerifyPairParams, 'kernels' | 'interface'> = {
  kernels: {
    director: kernel('ip_vs', { code: { as: 'store', functions: ['add_toa'] } }),
    backend: kernel('toa', { modinfo: 'toa_option', code: { as: 'compare', functions: ['get_toa'] } }),
  },
  interface: shared,
};

export const files = { director: 'kernel-1-1.d.x86_64.rpm', backend: 'kernel-1-1.b.x86_64.rpm' };

const side = (name: string, suffix: string) => [
  `rpm	${name}	kernel-1-1.${suffix}.x86_64	${suffix.repeat(64)}`,
  `release	${name}	1-1.${suffix}.x86_64`,
  `modules	${name}	2`,
  `vermagic	${name}	1-1.${suffix}.x86_64	2	/lib/modules/a.ko`,
  `signature	${name}	note	2	/lib/modules/a.ko`,
  `config	${name}	CONFIG_IP_VS_TAB_BITS	20`,
  `bytes	${name}	ip_vs	tab_bits	20 0 0 0`,
];

/** What verify-pair.sh writes when all is well. */
export const good: readonly string[] = [
  ...side('director', 'd'),
  ...side('backend', 'b'),
  `rpm	tools	ipvsadm-1-1.x86_64	${'c'.repeat(64)}`,
  'code	director	ip_vs	200	add_toa',
  'modinfo	backend	toa	toa_option	200',
  'code	backend	toa	200	get_toa',
  'bytes	director	ip_vs	set_arglen	0 24',
  ...['kernel', 'ipvsadm'].flatMap((header) => [
    `probe	${header}	sizeof.service	16`,
    `probe	${header}	offsetof.service.addr	0`,
    `probe	${header}	offsetof.service.port	4`,
    `probe	${header}	SET_ADD	1153`,
    `probe	${header}	SET_NONE	1152`,
  ]),
  'probe	ipvsadm	argument.service_kern	16',
  'probe	ipvsadm	argument.dest	8',
];

/** The same lines with one changed or, without a second text, left out. */
export function changed(line: string, to?: string): string[] {
  if (!good.includes(line)) throw new Error(`no line ${line}`);
  return good.flatMap((one) => (one === line ? (to ?? []) : one));
}
