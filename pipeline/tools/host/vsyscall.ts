import type { Vsyscall } from '../tools.ts';

/**
 * How the kernel of this machine treats calls into the vsyscall page, which every program of CentOS 6 makes. Pure.
 * `maps`: text of /proc/self/maps of a 64-bit process: the page stands there unless the kernel has none, execute-only or
 * readable (Documentation/admin-guide/kernel-parameters.txt, arch/x86/entry/vsyscall). `cmdline`: text of /proc/cmdline:
 * native and emulated pages look alike in maps, and kernels from 5.3 on have no native one.
 */
export function vsyscallOf(maps: string, cmdline: string): Vsyscall {
  const line = maps.split('\n').find((text) => /\s\[vsyscall\]\s*$/.test(text));
  if (line === undefined) return 'none';
  const [, mode = ''] = line.trim().split(/\s+/);
  if (!mode.startsWith('r')) return 'xonly';
  return bootArgument(cmdline, 'vsyscall') === 'native' ? 'native' : 'emulate';
}

/** The last value counts; what stands behind `--` is for init. */
function bootArgument(cmdline: string, name: string): string | undefined {
  const [kernel = ''] = cmdline.split(/\s--(?:\s|$)/);
  const values = kernel.split(/\s+/).filter((word) => word.startsWith(`${name}=`));
  return values.at(-1)?.slice(name.length + 1);
}

/**
 * Whether the kernel below the engine is the one that this process runs on, so that what is found here is true there: a
 * local socket, the same processor and the same kernel (a local socket may lead into a virtual machine or through ssh).
 */
export function sharesKernel(
  engine: { readonly endpoint: string; readonly arch: string; readonly kernel: string },
  here: { readonly platform: string; readonly arch: string; readonly kernel: string },
): boolean {
  const local = engine.endpoint.startsWith('unix:');
  const x86 = engine.arch === 'x86_64' && here.arch === 'x64' && here.platform === 'linux';
  return local && x86 && engine.kernel === here.kernel;
}
