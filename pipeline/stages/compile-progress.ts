/**
 * Kbuild's short lines (`  CC      net/core/dev.o`, `  LD [M]  x.ko`) and automake's silent ones (`  CC       foo.o`), and
 * plain compiler command lines of a Makefile that prints them.
 */
const OBJECT = /^\s+(?:CC|AS|LD|AR|CXX|HOSTCC)(?: \[M\])?\s+\S|^(?:\S*\/)?(?:gcc|cc)\s.*\s-c\s/;

/** What rebuild-srpm.sh counts itself, for builds that print nothing per object (RHEL's `make -s`). */
const COUNTED = /^@@factory compiled=(\d+)$/;

/** Counts compiled objects from log lines and reports at most four times a second. */
export interface CompileProgress {
  line(line: string, phase: string): void;
  phase(phase: string): void;
  /** Lines counted so far: the next run's estimate. */
  objects(): number;
}

/**
 * `estimate`: objects of the last run or the recipe's guess; null: unknown. A build that turns out larger than its
 * estimate moves the total along instead of showing more than 100 %.
 */
export function createCompileProgress(
  estimate: number | null,
  report: (phase: string, done: number, total: number | null) => void,
  now: () => number = Date.now,
): CompileProgress {
  let done = 0;
  let last = 0;
  const send = (phase: string): void => report(phase, done, estimate === null ? null : Math.max(estimate, done));
  return {
    line(line, phase) {
      const [, counted] = COUNTED.exec(line) ?? [];
      if (counted === undefined && !OBJECT.test(line)) return;
      done = counted === undefined ? done + 1 : Math.max(done, Number(counted));
      if (now() - last < 250) return;
      last = now();
      send(phase);
    },
    phase: (phase) => send(phase),
    objects: () => done,
  };
}
