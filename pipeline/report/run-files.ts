import { join } from 'node:path';
import type { Reporter } from '../run/events.ts';
import { makeDir, writeDurably } from '../store/durable.ts';
import { createHistory } from './history.ts';
import { markdownSummary } from './markdown.ts';
import { runPage } from './run-page.ts';
import { timelineSvg } from './timeline.ts';

/**
 * Writes index.html, timeline.svg, summary.json and summary.md into the run's directory when it is closed, whether the run
 * came to its end or was cut off. Each file is replaced as a whole. `close` fails with DiskFull, or with what the file
 * system said.
 */
export function createRunFiles(runDir: string): Reporter {
  const history = createHistory();
  return {
    on: (event) => history.on(event),
    async close() {
      const summary = history.summary();
      if (summary === undefined) return;
      await makeDir(runDir);
      const write = (name: string, text: string): Promise<void> => writeDurably(join(runDir, name), text);
      await write('summary.json', `${JSON.stringify(summary, null, 2)}\n`);
      await write('summary.md', markdownSummary(summary));
      await write('timeline.svg', timelineSvg(summary));
      await write('index.html', runPage(summary));
    },
  };
}
