import type { Pair, PairKernel } from '../plan/pair.ts';
import type { PairInput } from './schema-pair.ts';

/** Fills every gap of the section `pair`. */
export function normalisePair({ director, backend, tools, interface: shared }: PairInput): Pair {
  return {
    director: kernelOf(director),
    backend: kernelOf(backend),
    tools,
    interface: {
      kernel: shared.kernel,
      tools: shared.tools,
      structs: (shared.structs ?? []).map((one) => ({
        kernel: one.kernel,
        tools: one.tools ?? one.kernel,
        members: one.members.map((member) => (typeof member === 'string' ? { kernel: member, tools: member } : member)),
      })),
      constants: shared.constants ?? [],
      arguments: shared.arguments ?? [],
    },
  };
}

function kernelOf(input: PairInput['director']): PairKernel {
  const { module, modinfo = null, code = null } = input.toa;
  return { package: input.package, toa: { module, modinfo, code }, variables: input.variables ?? [] };
}
