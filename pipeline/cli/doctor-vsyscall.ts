import type { Vsyscall } from '../tools/tools.ts';
import type { Finding } from './doctor.ts';

/** How to give programs of CentOS 6 back the page that they call into. */
const ADVICE = [
  "Boot the engine's host with vsyscall=emulate: add it to GRUB_CMDLINE_LINUX in /etc/default/grub, update-grub, reboot.",
  'On Windows: the line kernelCommandLine=vsyscall=emulate below [wsl2] in .wslconfig, then wsl --shutdown.',
];

/** What doctor says about the vsyscall page. `needed`: the recipe has a base image of that age. */
export function vsyscallFinding(state: Vsyscall | 'unknown', needed: boolean): Finding {
  const what = 'vsyscall';
  switch (state) {
    case 'none': {
      const detail = 'the kernel has none: every program of CentOS 6 ends with a segmentation fault (exit code 139)';
      return needed
        ? { state: 'bad', what, detail, advice: ADVICE }
        : { state: 'ok', what, detail: `${detail}; this recipe has none of them`, advice: [] };
    }
    case 'unknown': {
      const detail = "the engine's kernel is not that of this machine, so it cannot be told";
      const advice = ['Look at its host: `grep vsyscall /proc/self/maps` must print a line there.'];
      return needed ? { state: 'warning', what, detail, advice } : { state: 'ok', what, detail, advice: [] };
    }
    case 'xonly':
    case 'emulate':
    case 'native':
      return { state: 'ok', what, detail: `${state}: programs of CentOS 6 run`, advice: [] };
  }
}
