import type { PairSide, VerifyPairParams } from '../plan/pair.ts';
import { parseRpmFileName } from '../rpm/nevra.ts';
import type { PairFacts } from './verify-pair-facts.ts';

/** One thing that was looked at. `value` and `wanted` are for people; `ok` says whether one is the other. */
export interface PairCheck {
  readonly id: string;
  readonly ok: boolean;
  readonly value: string;
  readonly wanted: string;
}

type Kernel = VerifyPairParams['kernels'][PairSide];

const UNREADABLE = 'cannot be read';

/** A check that holds when both are the same. */
export function equal(id: string, value: string | undefined, wanted: string | undefined): PairCheck {
  return {
    id,
    ok: value !== undefined && value === wanted,
    value: value ?? UNREADABLE,
    wanted: wanted ?? `something that can be read`,
  };
}

/** The number of the TCP option that a kernel uses, and whether there is exactly one that it can be. */
export function optionOf(
  side: PairSide,
  { toa }: Kernel,
  facts: PairFacts,
): { option: number | null; checks: PairCheck[] } {
  const { module, modinfo, code } = toa;
  const found = [
    ...(modinfo === null
      ? []
      : [{ how: 'modinfo', values: facts.of('modinfo', side, module).map((fields) => fields[1]) }]),
    ...(code === null ? [] : [{ how: 'code', values: facts.of('code', side, module).map((fields) => fields[0]) }]),
  ];
  const checks = found.map(({ how, values }): PairCheck => {
    const different = [...new Set(values)];
    const ok = different.length === 1 && isOption(different[0]);
    const value = different.length === 0 ? UNREADABLE : different.join(' and ');
    return { id: `toa-option:${side}:${how}`, ok, value, wanted: `exactly one option number in ${module}.ko` };
  });
  const all = new Set(found.flatMap(({ values }) => values));
  const [only] = all;
  if (checks.every(({ ok }) => ok) && all.size > 1)
    checks.push({
      id: `toa-option:${side}`,
      ok: false,
      value: [...all].join(' and '),
      wanted: 'the same in modinfo and code',
    });
  return { option: checks.length > 0 && checks.every(({ ok }) => ok) ? Number(only) : null, checks };
}

/** Option numbers are one byte; 0 and 1 mean end and padding. */
function isOption(text: string | undefined): boolean {
  return text !== undefined && /^\d{1,3}$/.test(text) && Number(text) > 1 && Number(text) < 256;
}

/** Whether a kernel's package is what its name says: release, every module of it, configuration, tables. */
export function kernelChecks(side: PairSide, kernel: Kernel, rpmFile: string, facts: PairFacts): PairCheck[] {
  const { version, release, arch } = parseRpmFileName(rpmFile);
  const uname = `${version}-${release}.${arch}`;
  const folders = facts.of('release', side).map(([name]) => name);
  return [
    equal(`release:${side}`, folders.length === 0 ? undefined : folders.join(' and '), uname),
    ...moduleChecks(side, uname, facts),
    ...(kernel.signedModules ? [signedCheck(side, facts)] : []),
    ...Object.entries(kernel.config).map(([symbol, wanted]) =>
      equal(`config:${side}:${symbol}`, facts.value('config', side, symbol), wanted),
    ),
    ...kernel.variables.map(({ module, symbol, config }) =>
      equal(
        `variable:${side}:${module}.${symbol}`,
        littleEndian(facts.value('bytes', side, module, symbol)),
        facts.value('config', side, config),
      ),
    ),
  ];
}

function moduleChecks(side: PairSide, uname: string, facts: PairFacts): PairCheck[] {
  const total = facts.value('modules', side) ?? '0';
  const foreign = facts.of('vermagic', side).filter(([of]) => of !== uname);
  const unread = facts.of('unread', side).map(([path]) => path);
  const wanted = `all of ${uname}`;
  const odd = [
    ...foreign.map(([of, count, first]) => `${count} of ${of === '' ? 'no kernel' : of}, first ${first}`),
    ...(unread.length === 0 ? [] : [`${unread.length} cannot be read, first ${unread[0]}`]),
    ...(total === '0' ? ['no modules'] : []),
  ];
  const ok = odd.length === 0;
  return [{ id: `vermagic:${side}`, ok, value: ok ? `${total} modules, ${wanted}` : odd.join('; '), wanted }];
}

function signedCheck(side: PairSide, facts: PairFacts): PairCheck {
  const total = facts.value('modules', side) ?? '0';
  const found = facts.of('signature', side);
  const bare = found.filter(([how]) => how === 'none');
  const ok = found.length > 0 && bare.length === 0;
  const value = ok
    ? `${total} modules, all signed`
    : bare.length === 0
      ? UNREADABLE
      : bare.map(([, count, first]) => `${count} of ${total} without a signature, first ${first}`).join('; ');
  return { id: `modules-signed:${side}`, ok, value, wanted: 'all signed' };
}

/** `20 0 0 0` as a C int on x86: `20`. undefined when it is not four bytes. */
function littleEndian(bytes: string | undefined): string | undefined {
  const numbers = (bytes ?? '').split(' ').map(Number);
  return numbers.length === 4 ? String(Buffer.from(numbers).readInt32LE()) : undefined;
}
