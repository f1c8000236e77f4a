import { isAbsolute, join, relative } from 'node:path';
import type { Failure } from '../run/failure.ts';
import type { Reporter, TimedEvent } from '../run/events.ts';
import { describe } from './describe.ts';
import type { Location } from './describe.ts';
import { plainText } from './escape.ts';
import { githubSummary, resultOf } from './github-summary.ts';
import { NO_FILES, type OwnFiles, placesOf } from './github-places.ts';
import { createHistory } from './history.ts';
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
  setOutput(name: string, value: string): void;
  readonly summary: { addRaw(text: string): unknown; write(): Promise<unknown> };
}

export { NO_FILES };

/** The real thing; loaded only where it is wanted. */
export async function loadCore(): Promise<Core> {
  return await import('@actions/core');
}

/** How the GitHub reporter works. */
export interface GithubOptions {
  readonly core: Core;
  /** Absolute path of the repository that GitHub shows: annotations name files relative to it, and no others. */
  readonly root: string;
  /** Where failures can be placed. */
  readonly files: OwnFiles;
  /** Words that the runner must mask from now on. */
  readonly secrets: readonly string[];
  /** Lines of a step's log that are kept for its group; the last ones. Default 20 000. */
  readonly maxLines?: number;
}

/** A failure with what is known about where it belongs. */
export interface Annotated {
  readonly failure: Failure;
  readonly root: string;
  readonly files: OwnFiles;
  readonly step?: string;
  /** Output of the step, the last lines. */
  readonly log?: readonly string[];
}

/**
 * Error annotations for a failure: at its file and line when it is about a file of ours, every problem of a recipe, every
 * compiler error and every dropped configuration value at its own.
 */
export function annotate(core: Core, { failure, root, files, step, log = [] }: Annotated): void {
  const { short, location } = describe(failure);
  const title = step ?? 'fullnat-factory';
  const error = (text: string, at?: Location): void => {
    const where = at === undefined ? undefined : place(at, root);
    // A place that GitHub cannot show is said in words.
    const elsewhere = at !== undefined && where === undefined ? ` (${at.file}:${at.line})` : '';
    core.error(plainText(`${text}${elsewhere}`), { title, ...where });
  };
  if (failure.kind === 'RecipeInvalid' && failure.problems.length > 1) {
    for (const { file, line, column, path, message } of failure.problems)
      error(path === '' ? message : `${path}: ${message}`, { file: file ?? failure.file, line, column });
    return;
  }
  const places = placesOf(failure, log, files, step);
  if (places.every(({ message }) => message !== undefined)) error(short, location);
  for (const { message, file, line, column } of places) error(message ?? short, { file, line, column: column ?? 1 });
}

/**
 * GitHub Actions: a group per step with its log, printed when the step ends, so that groups are balanced although steps run
 * side by side; annotations for failures and notes; the job summary on close. Secrets are masked before anything is
 * printed.
 */
export function createGithub(options: GithubOptions): Reporter {
  const { core, root, files, secrets, maxLines = 20_000 } = options;
  for (const secret of secrets) if (secret !== '') core.setSecret(secret);
  const history = createHistory();
  const logs = new Map<string, { lines: string[]; dropped: number }>();
  let artifacts = '';

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
      case 'step-failed': {
        const log = logs.get(event.step)?.lines ?? [];
        group(event.step, `failed ${event.step} after ${formatDuration(event.ms)}`);
        // Whoever cancelled knows, and there is one such failure per running step.
        if (event.failure.kind === 'Cancelled') core.info(harmless(`cancelled ${event.step}`));
        else annotate(core, { failure: event.failure, root, files, step: event.step, log });
        break;
      }
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
        artifacts = join(event.runDir, '../..');
        break;
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
      const result = resultOf(summary, artifacts);
      for (const [name, value] of Object.entries(result)) if (value !== undefined) core.setOutput(name, String(value));
      core.summary.addRaw(githubSummary(summary, result));
      await core.summary.write();
    },
  };
}

/** Where GitHub can show it; undefined for what lies outside of the repository. */
function place({ file, line, column }: Location, root: string): Annotation | undefined {
  const inside = isAbsolute(file) ? relative(root, file) : file;
  return inside.startsWith('..') || isAbsolute(inside)
    ? undefined
    : { file: inside, startLine: line, startColumn: column };
}

/** The runner obeys lines that start with `::` and `##[` anywhere: foreign text must not give it orders. */
function harmless(line: string): string {
  return plainText(line)
    .replace(/^(\s*)::/, '$1: :')
    .replaceAll('##[', '## [');
}
