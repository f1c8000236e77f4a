import type { ArgumentTable, PairInterface } from '../plan/pair.ts';
import { argumentProbe, structProbes } from './verify-pair-ask.ts';
import type { PairFacts } from './verify-pair-facts.ts';
import { equal, type PairCheck } from './verify-pair-kernels.ts';

/** Whether the tools lay out what they send as the kernel reads it, by its header and by the tables in its modules. */
export function interfaceChecks(shared: PairInterface, facts: PairFacts): PairCheck[] {
  return shared.tools.flatMap(({ name }) => [
    ...shared.structs.map((struct) => {
      const probes = structProbes(struct);
      return equal(`struct:${name}:${struct.tools}`, layout(probes, name, facts), layout(probes, 'kernel', facts));
    }),
    ...shared.constants.map((constant) =>
      equal(
        `constant:${name}:${constant}`,
        facts.value('probe', name, constant),
        facts.value('probe', 'kernel', constant),
      ),
    ),
    ...shared.arguments.flatMap((table) => tableChecks(table, name, facts)),
  ]);
}

/** `44 bytes: protocol 0, addr 4`; undefined when nothing of the struct can be found. */
function layout(probes: readonly { readonly id: string }[], side: string, facts: PairFacts): string | undefined {
  const [size, ...members] = probes.map(({ id }) => ({ id, value: facts.value('probe', side, id) }));
  if (size?.value === undefined) return undefined;
  const places = members.map(({ id, value }) => `${id.replace(/^.*\./, '')} ${value ?? 'missing'}`);
  return `${size.value} bytes: ${places.join(', ')}`;
}

function tableChecks({ module, symbol, base, entries }: ArgumentTable, name: string, facts: PairFacts): PairCheck[] {
  const bytes = facts.value('bytes', 'director', module, symbol)?.split(' ');
  const first = facts.value('probe', name, base);
  return Object.entries(entries).map(([command, structs]) => {
    const number = facts.value('probe', name, command);
    const sizes = structs.map((struct) => facts.value('probe', name, argumentProbe(struct)));
    const sent = sizes.includes(undefined) ? undefined : sizes.reduce((sum, size) => sum + Number(size), 0);
    const place = first === undefined || number === undefined ? -1 : Number(number) - Number(first);
    return equal(`argument:${name}:${command}`, sent === undefined ? undefined : String(sent), bytes?.[place]);
  });
}
