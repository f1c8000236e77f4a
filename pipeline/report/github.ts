import { isAbsolute, relative } from 'node:path';
import type { Failure } from '../run/failure.ts';
import type { Reporter, TimedEvent } from '../run/events.ts';
import { describe } from './describe.ts';
import type { Location } from './describe.ts';
import { plainText } from './escape.ts';
import { createHistory } from './history.ts';
import { markdownSummary } from './markdown.ts';
import { skipReason } from './summary.ts';
import { formatDuration } from './units.ts';

/** What an annotation is attached to. */
interface Annotation {
  title?: string;
  file?: string;
  startLine?: number;
  startColumn?: number;
}

/** What is used of @actions/core. */
export interface Core {
  setSecret(secret: string): void;
  info(message: string): void;
  startGroup(name: string): void;
  endGroup(): void;
  error(message: string, annotation?: Annotation): void;
  warning(message: string, annotation?: Annotation): void;
  notice(message: string, annotation?: Annotation): void;
  readonly summary: { addRaw(text: string): unknown; write(): Promise<unknown> };
}

/** The real thing; loaded only where it is wanted. */
export async function loadCore(): Promise<Core> {
  return await import('@actions/core');
}

/** How the GitHub reporter works. */
export interface GithubOptions {
  readonly core: Core;
  /** Absolute path of the repository: annotations name files relative to it. */
  readonly root: string;
  /** Words that the runner must mask from now on. */
  readonly secrets: readonly string[];
  /** Lines of a step's log that are kept for its group; the last ones. Default 20 000. */
  readonly maxLines?: number;
}

/** An error annotation for a failure, at its file and line when it has one; every problem of a recipe at its own. */
export function annotate(core: Core, failure: Failure, root: string, step?: string): void {
  const { short, location } = describe(failure);
  const title = step === undefined ? 'fullnat-factory' : step;
  if (failure.kind === 'RecipeInvalid' && failure.problems.length > 1) {
    for (const { file, line, column, path, message } of failure.problems) {
      const text = path === '' ? message : `${path}: ${message}`;
      core.error(plainText(text), { title, ...place({ file: file ?? failure.file, line, column }, root) });
    }
    return;
  }
  core.error(short, { title, ...(location === undefined ? {} : place(location, root)) });
}

/**
 * GitHub Actions: a group per step with its log, printed when the step ends, so that groups are balanced although steps run
 * side by side; annotations for failures and notes; the job summary on close. Secrets are masked before anything is
 * printed.
 */
export function createGithub(options: GithubOptions): Reporter {
  const { core, root, secrets, maxLines = 20_000 } = options;
  for (const secret of secrets) if (secret !== '') core.setSecret(secret);
  const history = createHistory();
  const logs = new Map<string, { lines: string[]; dropped: number }>();

  function keep(step: string, line: string): void {
    const log = logs.get(step) ?? { lines: [], dropped: 0 };
    logs.set(step, log);
    log.lines.push(line);
    // In blocks, because removing the first of many lines each time would take quadratic time.
    if (log.lines.length >= 2 * maxLines) {
      log.dropped += log.lines.length - maxLines;
      log.lines = log.lines.slice(-maxLines);
    }
  }

  function group(step: string, title: string): void {
    const { lines, dropped } = logs.get(step) ?? { lines: [], dropped: 0 };
    logs.delete(step);
    const first = Math.max(0, lines.length - maxLines);
    const missing = dropped + first;
    core.startGroup(harmless(title));
    if (missing > 0) core.info(`(${missing} earlier lines are in the log file)`);
    for (const line of lines.slice(first)) core.info(harmless(line));
    core.endGroup();
  }

  function print(event: TimedEvent): void {
    switch (event.type) {
      case 'step-cached':
        core.info(harmless(`cached ${event.step}`));
        break;
      case 'step-made':
        group(event.step, `made ${event.step} in ${formatDuration(event.record.ms)}`);
        break;
      case 'step-failed':
        group(event.step, `failed ${event.step} after ${formatDuration(event.ms)}`);
        // Whoever cancelled knows, and there is one such failure per running step.
        if (event.failure.kind === 'Cancelled') core.info(harmless(`cancelled ${event.step}`));
        else annotate(core, event.failure, root, event.step);
        break;
      case 'step-skipped':
        core.info(harmless(`skipped ${event.step}: ${skipReason(event.because)}`));
        break;
      case 'note': {
        const annotation = event.step === null ? {} : { title: event.step };
        if (event.level === 'warning') core.warning(plainText(event.message.replaceAll('\n', ' ')), annotation);
        else core.notice(plainText(event.message.replaceAll('\n', ' ')), annotation);
        break;
      }
      case 'log':
        keep(event.step, event.line);
        break;
      case 'run-started':
      case 'step-started':
      case 'step-progress':
      case 'run-finished':
        break;
    }
  }

  return {
    on(event) {
      history.on(event);
      print(event);
    },
    async close() {
      // A step that was cut off has no end event; its log must not be lost.
      for (const step of [...logs.keys()]) group(step, `unfinished ${step}`);
      const summary = history.summary();
      if (summary === undefined) return;
      core.summary.addRaw(markdownSummary(summary));
      await core.summary.write();
    },
  };
}

function place(location: Location, root: string): Annotation {
  const file = isAbsolute(location.file) ? relative(root, location.file) : location.file;
  return { file, startLine: location.line, startColumn: location.column };
}

/** The runner obeys lines that start with `::` and `##[` anywhere: foreign text must not give it orders. */
function harmless(line: string): string {
  return plainText(line)
    .replace(/^(\s*)::/, '$1: :')
    .replaceAll('##[', '## [');
}
