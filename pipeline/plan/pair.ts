import type { ConfigValues, FileRef } from './params.ts';

/** How to see in built objects which TCP option number a kernel uses for the client's address. One way or both, then they must agree. */
interface OptionReader {
  /** Module, by its file name without .ko. */
  readonly module: string;
  /** Field of modinfo that holds the number. */
  readonly modinfo: string | null;
  /**
   * Functions in whose machine code the number is an operand: compared with (whoever looks for the option), or stored in front of the
   * option's length of 8 (whoever writes it). A compiler may have put one into its caller, so several can be named.
   */
  readonly code: { readonly as: 'compare' | 'store'; readonly functions: readonly string[] } | null;
}

/** A variable of a module that must have the value which a configuration symbol says. */
interface ModuleVariable {
  readonly module: string;
  readonly symbol: string;
  readonly config: string;
}

/** One of the two kernels of a pair. */
export interface PairKernel {
  /** The package of the recipe whose binary package `kernel` it is. */
  readonly package: string;
  readonly toa: OptionReader;
  readonly variables: readonly ModuleVariable[];
}

/** A header file: `include` is what a program writes after #include, found below one of `dirs`. */
interface PairHeader {
  readonly dirs: readonly string[];
  readonly include: string;
}

/** A struct that crosses the line between kernel and tools; both sides may call it, and its members, by names of their own. */
export interface PairStruct {
  readonly kernel: string;
  readonly tools: string;
  readonly members: readonly { readonly kernel: string; readonly tools: string }[];
}

/**
 * A table of bytes in a module that says how long the argument of each command must be. `entries`: the structs of the tools
 * that the argument of a command is made of; the command's place is its number minus that of `base`.
 */
export interface ArgumentTable {
  readonly module: string;
  readonly symbol: string;
  readonly base: string;
  readonly entries: Readonly<Record<string, readonly string[]>>;
}

/** What kernel and tools say to each other, and where each side says how it is laid out. */
export interface PairInterface {
  /** In the director's binary package `rpm`. */
  readonly kernel: PairHeader & { readonly rpm: string };
  /** In the tools' sources after %prep, by names for people; `dirs` are globs. */
  readonly tools: readonly (PairHeader & { readonly name: string })[];
  readonly structs: readonly PairStruct[];
  /** Macros and enumerators. */
  readonly constants: readonly string[];
  readonly arguments: readonly ArgumentTable[];
}

/** Which packages must belong together, and what that can be seen by. */
export interface Pair {
  readonly director: PairKernel;
  readonly backend: PairKernel;
  /** The package that the tools come out of. */
  readonly tools: string;
  readonly interface: PairInterface;
}

/** The two kernels, by what they are for. */
export type PairSide = 'director' | 'backend';

/** What the stage verify-pair works with. `config`: values that a kernel's configuration must have. */
export interface VerifyPairParams {
  readonly recipe: string;
  readonly kernels: Readonly<
    Record<PairSide, PairKernel & { readonly signedModules: boolean; readonly config: ConfigValues }>
  >;
  readonly interface: PairInterface;
  readonly scripts: readonly FileRef[];
}
