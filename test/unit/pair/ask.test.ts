import { expect, test } from 'vitest';
import { askFile } from '../../../pipeline/stages/verify-pair-ask.ts';
import { params } from './pair.ts';

test('everything that is judged is asked for, by the names of each side', () => {
  const { bytes } = askFile({ ...params, recipe: 'x', scripts: [] });
  expect((bytes as Buffer).toString().split('\n')).toEqual([
    'code	director	ip_vs	store	add_toa',
    'signature	director',
    'bytes	director	ip_vs	tab_bits',
    'config	director	CONFIG_IP_VS_TAB_BITS',
    'modinfo	backend	toa	toa_option',
    'code	backend	toa	compare	get_toa',
    'signature	backend',
    'bytes	backend	ip_vs	tab_bits',
    'config	backend	CONFIG_IP_VS_TAB_BITS',
    'bytes	director	ip_vs	set_arglen',
    'header	kernel	linux/ip_vs.h	usr/include',
    'header	ipvsadm	ip_vs.h	tools-*',
    'probe	kernel	sizeof.service	sizeof(struct service)',
    'probe	tools	sizeof.service	sizeof(struct service_kern)',
    'probe	kernel	offsetof.service.addr	offsetof(struct service, addr)',
    'probe	tools	offsetof.service.addr	offsetof(struct service_kern, addr)',
    'probe	kernel	offsetof.service.port	offsetof(struct service, port)',
    'probe	tools	offsetof.service.port	offsetof(struct service_kern, __port)',
    'probe	kernel	SET_ADD	SET_ADD',
    'probe	tools	SET_ADD	SET_ADD',
    'probe	kernel	SET_NONE	SET_NONE',
    'probe	tools	SET_NONE	SET_NONE',
    'probe	tools	argument.service_kern	sizeof(struct service_kern)',
    'probe	tools	argument.dest	sizeof(struct dest)',
    '',
  ]);
});
