import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The artifacts of one workflow run, as upload-artifact and download-artifact keep them: a folder each. Files are hard links:
 * whoever changes one on the way has to put another file in its place.
 */
export class RunArtifacts {
  readonly dir: string;
  private constructor(dir: string) {
    this.dir = dir;
  }

  static async in(dir: string): Promise<RunArtifacts> {
    await mkdir(dir);
    return new RunArtifacts(dir);
  }

  /** `path` below the workspace: a folder, whose contents are uploaded, or a file. */
  async upload(workspace: string, given: Readonly<Record<string, string>>): Promise<void> {
    const { name, path, overwrite, 'if-no-files-found': none } = given;
    if (name === undefined || path === undefined || /[\n*?[\]]/.test(path))
      throw new Error(`upload of ${String(path)}`);
    const [from, to] = [join(workspace, path), join(this.dir, name)];
    const there = await stat(from).catch(() => undefined);
    if (there === undefined && none === 'ignore') return;
    if (overwrite === 'true') await rm(to, { recursive: true, force: true });
    await mkdir(to);
    const isFile = there?.isFile() === true;
    if (!isFile && (await readdir(from)).length === 0) throw new Error(`nothing to upload in ${from}`);
    await link(isFile ? from : `${from}/.`, isFile ? join(to, basename(from)) : to);
  }

  async download(workspace: string, wanted: Readonly<Record<string, string>>): Promise<void> {
    const { name, pattern, path = '', 'merge-multiple': merge } = wanted;
    const prefix = pattern?.replace(/\*$/, '');
    const names = (await readdir(this.dir)).filter((one) =>
      prefix === undefined ? one === name : one.startsWith(prefix),
    );
    if (names.length === 0) throw new Error(`no artifact ${name ?? pattern ?? ''}`);
    for (const one of names) {
      const to = join(workspace, path, ...(pattern === undefined || merge === 'true' ? [] : [one]));
      await mkdir(to, { recursive: true });
      await link(`${join(this.dir, one)}/.`, to);
    }
  }
}

async function link(from: string, to: string): Promise<void> {
  await run('cp', ['-al', from, to]);
}
