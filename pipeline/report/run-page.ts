import { posix } from 'node:path';
import { factTexts } from './facts.ts';
import { badge, digest, meta, sentence, table, time } from './html/parts.ts';
import { html, page, raw } from './html/page.ts';
import type { Html } from './html/page.ts';
import { countStates, packagesOf } from './summary.ts';
import type { ArtifactSummary, FailureSummary, RunSummary, StepSummary } from './summary.ts';
import { timelineSvg } from './timeline.ts';
import { formatBytes, formatDuration, plural } from './units.ts';

/** The page of one run, `runs/<id>/index.html` below the artifacts directory. */
export function runPage(summary: RunSummary): string {
  const packages = packagesOf(summary);
  const packageSet = new Set(packages);
  const names = new Set(packages.map((item) => item.name));
  const others = summary.artifacts.filter((item) => !packageSet.has(item) && !names.has(item.name));
  const counts = countStates(summary);
  return page(
    `${summary.recipe}: run ${summary.runId}`,
    html`<header>
        <h1>Recipe ${summary.recipe}</h1>
        ${verdict(summary)}
      </header>
      ${meta([
        ['Run', html`<code>${summary.runId}</code>`],
        ['Started', time(summary.startedAt)],
        ['Took', formatDuration(summary.ms)],
        [
          'Steps',
          `${counts.made} made, ${counts.cached} from the store, ${counts.failed} failed, ${counts.skipped} skipped`,
        ],
      ])}
      ${
        summary.failures.length === 0
          ? null
          : html`<h2>What failed</h2>
              ${summary.failures.map((item) => failure(item, summary))}`
      }
      ${notes(summary)}
      <h2>Timeline</h2>
      <div class="scroll" role="region" aria-label="Timeline" tabindex="0">${raw(timelineSvg(summary))}</div>
      ${
        packages.length === 0
          ? null
          : html`<h2>Packages</h2>
              ${artifactTable('Packages', packages)}${install(summary)}`
      }
      <h2>Steps</h2>
      ${table(
        'Steps',
        [{ title: 'step' }, { title: 'state' }, { title: 'time', number: true }, { title: 'facts' }, { title: 'log' }],
        summary.steps.map((step) => stepRow(step, summary)),
      )}
      ${
        others.length === 0
          ? null
          : html`<h2>Other results</h2>
              <details>
                <summary>
                  ${plural(others.length, 'source, image and other artifact', 'sources, images and other artifacts')}
                </summary>
                ${artifactTable('Other results', others)}
              </details>`
      }`,
  );
}

function verdict(summary: RunSummary): Html {
  if (summary.ok) return badge('ok', 'succeeded');
  return summary.finished ? badge('failed', 'failed') : badge('failed', 'interrupted');
}

function failure(item: FailureSummary, summary: RunSummary): Html {
  return html`<section class="card failure">
    <h3>${item.step}</h3>
    <p>${item.short}</p>
    ${item.detail.length === 0 ? null : html`<pre>${item.detail.join('\n')}</pre>`}
    ${
      item.tail.length === 0
        ? null
        : html`<details open>
            <summary>Last ${plural(item.tail.length, 'line')} of its output</summary>
            <pre>${item.tail.join('\n')}</pre>
          </details>`
    }
    ${item.log === null ? null : html`<p><a href="${logHref(item.log, summary.runId)}">Full log</a></p>`}
    <p><strong>What to do</strong></p>
    <ul>
      ${item.advice.map((line) => html`<li>${sentence(line)}</li>`)}
    </ul>
  </section>`;
}

function notes(summary: RunSummary): Html | null {
  if (summary.notes.length === 0) return null;
  return html`<h2>Notes</h2>
    <div class="card">
      <ul>
        ${summary.notes.map(
          (note) =>
            html`<li>
              ${note.level === 'warning' ? html`${badge('warning', 'warning')} ` : null}${note.step === null ? null : html`<code>${note.step}</code>: `}${note.message}
            </li>`,
        )}
      </ul>
    </div>`;
}

function artifactTable(label: string, artifacts: readonly ArtifactSummary[]): Html {
  return table(
    label,
    [{ title: 'name' }, { title: 'kind' }, { title: 'size', number: true }, { title: 'sha256' }],
    artifacts.map(({ name, kind, size, digest: sha256 }) => [name, kind, formatBytes(size), digest(sha256)]),
  );
}

function stepRow(step: StepSummary, summary: RunSummary): readonly (string | Html | null)[] {
  const facts = factTexts(step.facts);
  return [
    html`${step.title}<br /><small class="muted">${step.id}</small>`,
    html`${badge(step.state, step.state)}${step.why === '' ? null : html`<br /><small class="muted">${step.why}</small>`}`,
    stepTime(step),
    html`${facts.map(({ name, value }, index) => html`${index === 0 ? null : raw('<br>')}<small>${name}: ${value}</small>`)}`,
    step.log === null
      ? null
      : html`<a href="${logHref(step.log, summary.runId)}" aria-label="Log of ${step.id}">log</a>`,
  ];
}

function stepTime(step: StepSummary): Html | string {
  if (step.recordedMs !== null) return html`<small class="muted">made in ${formatDuration(step.recordedMs)}</small>`;
  return step.state === 'skipped' ? '' : formatDuration(step.ms);
}

function install({ recipe }: RunSummary): Html {
  return html`<h2>How to install</h2>
    <div class="card">
      <p>
        Publish what was built, let the machines see it, and look at the page of the snapshot: it names the repository
        file and the packages of each role.
      </p>
      <pre>
bin/factory publish --recipe ${recipe}
bin/factory serve --recipe ${recipe}</pre>
      <p>The published repository lies in <code>artifacts/repository/${recipe}/</code>; any web server can serve it.</p>
    </div>`;
}

/** Where a log is, seen from the page: logs of cached steps lie with the run that made them. */
function logHref(log: string, runId: string): string {
  const path = posix.relative(posix.join('runs', runId), log);
  return path.split('/').map(encodeURIComponent).join('/');
}
