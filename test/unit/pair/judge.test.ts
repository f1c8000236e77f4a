import { describe, expect, test } from 'vitest';
import { membersOf, pairId, pairSummary } from '../../../pipeline/stages/verify-pair-document.ts';
import { parsePairFacts } from '../../../pipeline/stages/verify-pair-facts.ts';
import { judgePair } from '../../../pipeline/stages/verify-pair.ts';
import { changed, files, good, params } from './pair.ts';

const judge = (lines: readonly string[]) => judgePair(params, files, parsePairFacts(lines.join('\n')));
const failing = (lines: readonly string[]) =>
  judge(lines).checks.flatMap(({ id, ok, value, wanted }) => (ok ? [] : [{ id, value, wanted }]));

describe('what belongs together', () => {
  test('passes, and says what was seen', () => {
    const { toaOption, checks } = judge(good);
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(toaOption).toBe(200);
    expect(checks).toContainEqual({
      id: 'struct:ipvsadm:service_kern',
      ok: true,
      value: '16 bytes: addr 0, port 4',
      wanted: '16 bytes: addr 0, port 4',
    });
    expect(checks).toContainEqual({ id: 'argument:ipvsadm:SET_ADD', ok: true, value: '24', wanted: '24' });
  });
});

describe('what does not', () => {
  test.each([
    [
      'another number in the backend',
      'modinfo	backend	toa	toa_option	200',
      'modinfo	backend	toa	toa_option	254',
      'toa-option:backend',
    ],
    ['no number in the code', 'code	director	ip_vs	200	add_toa', undefined, 'toa-option:director:code'],
    ['no number that modinfo tells', 'modinfo	backend	toa	toa_option	200', undefined, 'toa-option:backend:modinfo'],
    [
      'no number at all',
      'modinfo	backend	toa	toa_option	200',
      'modinfo	backend	toa	toa_option	many',
      'toa-option:backend:modinfo',
    ],
    [
      'two numbers in the code',
      'code	director	ip_vs	200	add_toa',
      'code	director	ip_vs	200	add_toa\ncode	director	ip_vs	253	add_toa',
      'toa-option:director:code',
    ],
    [
      'a foreign module',
      'vermagic	backend	1-1.b.x86_64	2	/lib/modules/a.ko',
      'vermagic	backend	1-1.b.x86_64	1	/a\nvermagic	backend	1-2	1	/b',
      'vermagic:backend',
    ],
    ['a module that is none', 'modules	director	2', 'modules	director	2\nunread	director	/x.ko', 'vermagic:director'],
    ['no modules', 'modules	director	2', 'modules	director	0', 'vermagic:director'],
    ['another folder', 'release	director	1-1.d.x86_64', 'release	director	1-1', 'release:director'],
    [
      'a second folder',
      'release	director	1-1.d.x86_64',
      'release	director	1-1.d.x86_64\nrelease	director	1-2',
      'release:director',
    ],
    [
      'a bare module',
      'signature	backend	note	2	/lib/modules/a.ko',
      'signature	backend	note	1	/a\nsignature	backend	none	1	/b',
      'modules-signed:backend',
    ],
    ['nothing known of signatures', 'signature	backend	note	2	/lib/modules/a.ko', undefined, 'modules-signed:backend'],
    ['an unreadable table', 'bytes	director	ip_vs	set_arglen	0 24', undefined, 'argument:ipvsadm:SET_ADD'],
    [
      'another length',
      'bytes	director	ip_vs	set_arglen	0 24',
      'bytes	director	ip_vs	set_arglen	0 28',
      'argument:ipvsadm:SET_ADD',
    ],
    [
      'a shorter table',
      'bytes	director	ip_vs	set_arglen	0 24',
      'bytes	director	ip_vs	set_arglen	0',
      'argument:ipvsadm:SET_ADD',
    ],
    [
      'an int of one byte',
      'bytes	backend	ip_vs	tab_bits	20 0 0 0',
      'bytes	backend	ip_vs	tab_bits	20',
      'variable:backend:ip_vs.tab_bits',
    ],
    [
      'a table of 12 bits in the module',
      'bytes	backend	ip_vs	tab_bits	20 0 0 0',
      'bytes	backend	ip_vs	tab_bits	12 0 0 0',
      'variable:backend:ip_vs.tab_bits',
    ],
    ['a missing member', 'probe	ipvsadm	offsetof.service.port	4', undefined, 'struct:ipvsadm:service_kern'],
    ['a missing constant', 'probe	kernel	SET_ADD	1153', undefined, 'constant:ipvsadm:SET_ADD'],
  ])('%s', (_, line, to, id) => {
    expect(failing(changed(line, to)).map((check) => check.id)).toEqual([id]);
  });

  test('200 and 254: both readable, and not the same', () => {
    const lines = good.map((line) => line.replace(/^(code|modinfo)\tbackend(.*)200/, '$1\tbackend$2254'));
    expect(judge(lines).toaOption).toBeNull();
    expect(failing(lines)).toEqual([
      { id: 'toa-option', value: 'director 200, backend 254', wanted: 'the same number in both' },
    ]);
  });

  test('configured otherwise: the configuration, and the module that was built with it', () => {
    const lines = changed('config	director	CONFIG_IP_VS_TAB_BITS	20', 'config	director	CONFIG_IP_VS_TAB_BITS	12');
    expect(failing(lines)).toEqual([
      { id: 'config:director:CONFIG_IP_VS_TAB_BITS', value: '12', wanted: '20' },
      { id: 'variable:director:ip_vs.tab_bits', value: '20', wanted: '12' },
    ]);
  });

  test('both sides missing is not equal', () => {
    const lines = good.filter((line) => !line.includes('SET_ADD'));
    expect(failing(lines).map(({ id }) => id)).toEqual(['constant:ipvsadm:SET_ADD', 'argument:ipvsadm:SET_ADD']);
  });

  test('lines that the script does not write', () => {
    expect(() => parsePairFacts('modules	director')).toThrow(TypeError);
    expect(() => parsePairFacts('toString	a	b')).toThrow(TypeError);
  });
});

describe('the id of a pair', () => {
  const members = membersOf(parsePairFacts(good.join('\n')));

  test('follows from the contents, not from their order', () => {
    const again = membersOf(parsePairFacts([...good].reverse().join('\n')));
    expect(pairId(200, again)).toBe(pairId(200, members));
    expect(pairId(200, members)).toMatch(/^[0-9a-f]{16}$/);
  });

  test('is another for another number, another package, another content', () => {
    const [first, ...rest] = members;
    if (first === undefined) throw new Error('no members');
    const ids = [
      pairId(200, members),
      pairId(254, members),
      pairId(200, rest),
      pairId(200, [{ ...first, contentSha256: 'e'.repeat(64) }, ...rest]),
      pairId(200, [{ ...first, nevra: 'kernel-1-2.d.x86_64' }, ...rest]),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('is what a manifest says of it', () => {
    const bytes = Buffer.from('{"schema":1,"id":"0123456789abcdef","toaOption":254,"checks":[]}');
    expect(pairSummary(bytes)).toEqual({ id: '0123456789abcdef', toaOption: 254 });
    expect(() => pairSummary(Buffer.from('{"schema":2}'))).toThrow(TypeError);
  });
});
