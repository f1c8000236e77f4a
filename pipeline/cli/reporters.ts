import { createEventsFile } from '../report/events-file.ts';
import { createGithub, loadCore } from '../report/github.ts';
import { createJsonl } from '../report/jsonl.ts';
import { createRunFiles } from '../report/run-files.ts';
import { createTerminal } from '../report/terminal.ts';
import type { Reporter } from '../run/events.ts';
import { isGithub, repositoryRoot } from './github-env.ts';
import { ownFiles } from './own-files.ts';

import type { Session } from './session.ts';

/**
 * Who watches a run: its own files always; then JSON lines on standard output (`--json`), or GitHub's commands inside
 * Actions, or the terminal.
 */
export async function createReporters(session: Session, runDir: string): Promise<Reporter[]> {
  return [createEventsFile(runDir), createRunFiles(runDir), await forPeople(session)];
}

async function forPeople({ world, options, secrets, paths, read }: Session): Promise<Reporter> {
  if (options.json) return createJsonl(world.stdout);
  if (isGithub(world)) {
    const [core, files] = [await loadCore(), await ownFiles(paths, read)];
    return createGithub({ core, root: repositoryRoot(world), files, secrets });
  }
  const { stderr } = world;
  const isTTY = stderr.isTTY && world.env.TERM !== 'dumb';
  return createTerminal({
    stream: stderr,
    columns: () => stderr.columns,
    isTTY,
    color: isTTY && (world.env.NO_COLOR ?? '') === '',
    verbose: options.verbose,
    now: Date.now,
  });
}
