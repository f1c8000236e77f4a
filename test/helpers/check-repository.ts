import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hostScript } from './host-script.ts';

/** How the script with which hosts check a repository ended. */
export interface Checked {
  readonly code: number;
  readonly output: string;
}

/**
 * Runs it as published, by this machine's sh, curl and gpg. `date`: what `date -d` adds to the clock, such as `+40 days`; `without`:
 * programs that this host lacks.
 */
export async function checkRepository(
  dir: string,
  args: readonly string[],
  {
    script,
    date = '',
    without = [],
  }: { readonly script?: string; readonly date?: string; readonly without?: readonly string[] } = {},
): Promise<Checked> {
  const shims = await mkdtemp(join(dir, 'shims-'));
  await mkdir(shims, { recursive: true });
  if (date !== '') {
    // Later options of date win, so a relative one is added to the shift.
    const shim = `#!/bin/sh\nfor one; do last=$one; case $one in '+1 day') more=$one ;; esac; done\nexec /bin/date -u -d "${date} \${more:-}" "$last"\n`;
    await writeFile(join(shims, 'date'), shim);
    await chmod(join(shims, 'date'), 0o755);
  }
  const published = script ?? join(shims, 'check-repository.sh');
  if (script === undefined) await writeFile(published, hostScript('check-repository.sh'));
  const programs = without.length === 0 ? (process.env.PATH ?? '') : await programsWithout(shims, without);
  const env = { PATH: `${shims}:${programs}`, HOME: shims, TMPDIR: dir };
  return new Promise((done, reject) => {
    execFile('/bin/sh', [published, ...args], { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === 'number') done({ code, output: stdout + stderr });
      else reject(error ?? new Error('no exit code'));
    });
  });
}

/** A directory with this machine's programs but for these. */
async function programsWithout(dir: string, without: readonly string[]): Promise<string> {
  const programs = join(dir, 'programs');
  await mkdir(programs);
  const names = (await readdir('/usr/bin')).filter((name) => !without.includes(name));
  await Promise.all(names.map((name) => symlink(join('/usr/bin', name), join(programs, name))));
  return programs;
}
