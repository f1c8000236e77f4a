/** How one patch went in. */
export interface PatchReport {
  readonly name: string;
  /** Files that it changed. */
  readonly files: number;
  readonly hunks: number;
  /** Hunks that went in at another line than the patch says. */
  readonly offsets: number;
  /** Hunks that went in only because lines around them were ignored. */
  readonly fuzz: number;
}

// A note of our specs, the trace of RHEL's shell functions, and what rpmbuild prints for %patch.
const APPLYING = /^(?:@@factory patch=|\++ Apply(?:Optional)?Patch |Patch #\d+ \()([^\s)]+)/;
const PATCHING = /^patching file /i;
/** `Hunk #3 succeeded at 30 with fuzz 1 (offset 2 lines).`: exact ones are told only by `patch --verbose`. */
const HUNK = /^Hunk #\d+ succeeded at \d+( with fuzz \d+)?( \(offset -?\d+ lines?\))?\.$/;
const VERBOSE = /^Using Plan [AB]\.\.\.$|^patching file .+ using Plan [AB]\.\.\.$/i;

interface Counts {
  name: string;
  files: number;
  hunks: number;
  offsets: number;
  fuzz: number;
  verbose: boolean;
}

/** Collects the reports line by line, so that nobody has to keep a whole log. */
export function createPatchReport(): { line(line: string): void; reports(): PatchReport[] } {
  const all: Counts[] = [];
  return {
    line(line) {
      const name = APPLYING.exec(line)?.[1];
      // RHEL's ApplyOptionalPatch calls ApplyPatch: both are traced.
      if (name !== undefined && name !== all.at(-1)?.name)
        all.push({ name, files: 0, hunks: 0, offsets: 0, fuzz: 0, verbose: false });
      const now = all.at(-1);
      if (now === undefined) return;
      if (PATCHING.test(line)) now.files += 1;
      if (VERBOSE.test(line)) now.verbose = true;
      const hunk = HUNK.exec(line);
      if (hunk === null) return;
      now.hunks += 1;
      if (hunk[1] !== undefined) now.fuzz += 1;
      if (hunk[2] !== undefined) now.offsets += 1;
    },
    reports: () => all.filter(({ verbose }) => verbose).map(({ verbose: _, ...report }) => report),
  };
}

/**
 * What `patch --verbose` told of every patch in the log of an rpmbuild, in their order. A patch that was applied without
 * --verbose is left out: only some of its hunks would be told.
 */
export function patchReports(lines: readonly string[]): PatchReport[] {
  const report = createPatchReport();
  for (const line of lines) report.line(line);
  return report.reports();
}
