import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkTag } from './release/check-tag.ts';

/** `release-version.ts TAG`: prints `version=…` and `prerelease=…` for GITHUB_OUTPUT; exit code 2 where tag and package.json disagree. */
const file = join(import.meta.dirname, '../package.json');
const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
const checked = checkTag(process.argv[2] ?? '', version);
if ('problem' in checked) {
  process.stderr.write(`release-version: ${checked.problem}\n`);
  process.exitCode = 2;
} else {
  process.stdout.write(`version=${checked.version}\nprerelease=${String(checked.prerelease)}\n`);
}
