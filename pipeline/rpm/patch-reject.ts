import type { FailureOf } from '../run/failure.ts';

const START = /^@@factory reject=([^:]+):(.+)$/;
const END = /^@@factory reject-end$/;
// What our specs print before each patch, what rpmbuild prints for %patch, and what `set -x` shows of both.
const APPLYING =
  /^@@factory patch=(\S+)$|^(?:Applying:?|Patch #\d+) \(?([^\s():]+)|^\++ .*?([^\s/'"<]+\.(?:patch|diff))\b/;
const PATCHING = /^(?:patching|checking) file '?(.+?)'?$/;
/** The header that patch quotes when it finds no file of that name. */
const QUOTED = /^\|\+\+\+ (?:b\/)?(\S+)/;
const FAILED = /^Hunk #(\d+) FAILED at (\d+)(?: with fuzz \d+)?/;
const SUMMARY = /^\d+ out of \d+ hunks? (?:FAILED|ignored)(?: -- saving rejects to (?:file )?'?(.+?)\.rej'?)?$/;
const NO_FILE = /^(?:can't find file to patch at input line \d+|No file to patch\. {2}Skipping patch\.)/;

/** What was read so far; the failure is made of the first hunk that failed. */
interface State {
  patch: string;
  file: string;
  hunk: string;
  failed: boolean;
  reject: string[];
}

function readReject(lines: readonly string[], state: State): void {
  let inReject = false;
  for (const line of lines) {
    const [, patch, file] = START.exec(line) ?? [];
    if (patch !== undefined && file !== undefined) {
      // Of several rejects the first is kept: the rest often only follows from it.
      inReject = state.reject.length === 0;
      if (inReject) Object.assign(state, { patch, file, failed: true });
    } else if (END.test(line)) inReject = false;
    else if (inReject) state.reject.push(line);
  }
}

function readLine(line: string, state: State): void {
  const applying = APPLYING.exec(line)
    ?.slice(1)
    .find((name: string | undefined) => name !== undefined);
  if (applying !== undefined) state.patch = applying;
  const [, patching] = PATCHING.exec(line) ?? QUOTED.exec(line) ?? [];
  if (patching !== undefined) state.file = patching;
  const [, number, at] = FAILED.exec(line) ?? [];
  if (number !== undefined && at !== undefined) {
    Object.assign(state, { failed: true, hunk: `#${number} at line ${at}` });
  }
  const [summary, rejected] = SUMMARY.exec(line) ?? [];
  if (summary !== undefined) Object.assign(state, { failed: true, file: rejected ?? state.file });
  if (NO_FILE.test(line)) Object.assign(state, { failed: true, hunk: 'no file to patch' });
}

/**
 * The rejected patch in the log of an rpmbuild, or undefined when no patch was rejected. Reads the blocks that
 * rebuild-srpm.sh prints from the .rej files (`@@factory reject=<patch>:<file>` … `@@factory reject-end`) and, for what they
 * do not say, the output of patch(1) itself. Only the first failure counts: rpmbuild stops there.
 */
export function rejectFromLog(lines: readonly string[]): FailureOf<'PatchRejected'> | undefined {
  const state: State = { patch: '', file: '', hunk: '', failed: false, reject: [] };
  for (const line of lines) {
    if (START.test(line)) break;
    readLine(line, state);
    if (state.failed && SUMMARY.test(line)) break;
  }
  readReject(lines, state);
  if (!state.failed) return undefined;
  const header = state.reject.find((line) => line.startsWith('@@'));
  return {
    kind: 'PatchRejected',
    patch: state.patch || 'unknown',
    file: state.file || 'unknown',
    hunk: state.hunk || (header ?? 'unknown'),
    reject: state.reject,
  };
}
