import type { PairInterface, PairStruct, VerifyPairParams } from '../plan/pair.ts';
import type { TarFile } from '../tools/tools.ts';

/** An expression of C whose value is looked up with a header. Kernel and tools may say it differently; `id` is the same. */
export interface Probe {
  readonly id: string;
  readonly kernel: string;
  readonly tools: string;
}

/** How the members of a struct lie: its size, then the place of every member. */
export function structProbes({ kernel, tools, members }: PairStruct): Probe[] {
  return [
    { id: `sizeof.${kernel}`, kernel: `sizeof(struct ${kernel})`, tools: `sizeof(struct ${tools})` },
    ...members.map((member) => ({
      id: `offsetof.${kernel}.${member.kernel}`,
      kernel: `offsetof(struct ${kernel}, ${member.kernel})`,
      tools: `offsetof(struct ${tools}, ${member.tools})`,
    })),
  ];
}

/** The id under which the size of a struct of the tools is found, that an argument is made of. */
export function argumentProbe(struct: string): string {
  return `argument.${struct}`;
}

function probesOf({ structs, constants, arguments: tables }: PairInterface): readonly Probe[] {
  const same = (id: string, expression: string): Probe => ({ id, kernel: expression, tools: expression });
  const numbers = new Set([...constants, ...tables.flatMap(({ base, entries }) => [base, ...Object.keys(entries)])]);
  return [...structs.flatMap(structProbes), ...[...numbers].map((name) => same(name, name))];
}

/** What verify-pair.sh shall look at: lines of fields between tabs. */
export function askFile({ kernels, interface: shared }: VerifyPairParams): TarFile {
  const lines: string[][] = [];
  for (const [side, { toa, variables, signedModules, config }] of Object.entries(kernels)) {
    if (toa.modinfo !== null) lines.push(['modinfo', side, toa.module, toa.modinfo]);
    if (toa.code !== null) lines.push(['code', side, toa.module, toa.code.as, toa.code.functions.join(',')]);
    if (signedModules) lines.push(['signature', side]);
    for (const { module, symbol } of variables) lines.push(['bytes', side, module, symbol]);
    const symbols = new Set([...Object.keys(config), ...variables.map((one) => one.config)]);
    for (const symbol of [...symbols].sort()) lines.push(['config', side, symbol]);
  }
  for (const { module, symbol } of shared.arguments) lines.push(['bytes', 'director', module, symbol]);
  lines.push(['header', 'kernel', shared.kernel.include, ...shared.kernel.dirs]);
  for (const { name, include, dirs } of shared.tools) lines.push(['header', name, include, ...dirs]);
  for (const { id, kernel, tools } of probesOf(shared)) {
    lines.push(['probe', 'kernel', id, kernel], ['probe', 'tools', id, tools]);
  }
  const parts = new Set(shared.arguments.flatMap(({ entries }) => Object.values(entries).flat()));
  for (const struct of parts) lines.push(['probe', 'tools', argumentProbe(struct), `sizeof(struct ${struct})`]);
  const text = lines.map((fields) => `${fields.join('\t')}\n`).join('');
  return { path: 'in/ask.tsv', mode: 0o644, bytes: Buffer.from(text) };
}
