import { createWriteStream } from 'node:fs';
import { access, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { formatBytes } from '../report/units.ts';
import { escapeHtml } from '../report/escape.ts';
import { repoFileName, repoFileText } from '../rpm/repo-file.ts';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { makeDir, syncDir, temporaryName, writeDurably } from '../store/durable.ts';
import { type ImageFile, type ImageTree, readImageTree } from './image-tree.ts';
import { underLock } from './locked.ts';
import type { OwnOptions } from './program.ts';
import { openSession, type Session } from './session.ts';
import type { CommonOptions, World } from './world.ts';

/**
 * `factory site DIR --base-url URL`: what is published of the recipe as plain files below DIR/<recipe>, for a web server that
 * only knows files (GitHub Pages, a bucket). Mirror list, .repo file and page name URL/<recipe>; everything else is the same
 * bytes, verified while they are written. DIR/<recipe> must not be there yet. Failures: Usage, SnapshotInvalid, DiskFull.
 */
export async function site(
  world: World,
  options: CommonOptions,
  args: readonly string[],
  { baseUrl, snapshots = 0 }: OwnOptions,
): Promise<number> {
  const base = checkedBase(baseUrl);
  const session = await openSession(world, options, { ignoreSigningKey: true });
  const name = session.recipe.name;
  const out = join(resolve(world.cwd, args[0] ?? ''), name);
  if (await isThere(out)) throw usage(`${out} is there already`, 'Remove it, or name another directory.');
  return underLock(session, async () => {
    const tree = await readImageTree(session.tools.repository(name), name, snapshots, new Date());
    await makeDir(dirname(out));
    const temporary = join(dirname(out), temporaryName(out));
    try {
      const bytes = await writeSite(session, tree, temporary, `${base}/${name}`);
      await rename(temporary, out);
      await syncDir(dirname(out));
      report(session, tree, { bytes, url: `${base}/${name}` });
    } finally {
      await rm(temporary, { recursive: true, force: true });
    }
    return EXIT.ok;
  });
}

function checkedBase(url: string | undefined): string {
  if (url === undefined || !/^https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?(?:\/[A-Za-z0-9._~-]+)*\/?$/.test(url))
    throw usage(
      `--base-url ${JSON.stringify(url ?? '')} is no plain http address`,
      'As in: --base-url https://owner.github.io/repository',
    );
  return url.replace(/\/+$/, '');
}

/** Returns how many bytes it wrote. */
async function writeSite({ recipe }: Session, tree: ImageTree, dir: string, url: string): Promise<number> {
  const { pointer, root, snapshots, otherKeys } = tree;
  const page = (file: ImageFile): ImageFile => (file.path.endsWith('/index.html') ? rebased(file) : file);
  const rebased = (file: ImageFile): ImageFile => ({
    ...file,
    bytes: Buffer.from(
      textOf(file).replaceAll(escapeHtml(recipe.publish.baseUrl.replace(/\/+$/, '')), escapeHtml(url)),
    ),
  });
  let bytes = 0;
  for (const file of [...root, ...snapshots.flatMap(({ files }) => files.map(page))])
    bytes += await writeFile(dir, file);
  const own = {
    mirrorlist: `${url}/snapshots/${pointer.snapshot}/\n`,
    [repoFileName(recipe.name)]: repoFileText(recipe.name, url, otherKeys),
  };
  for (const [name, text] of Object.entries(own)) await writeDurably(join(dir, name), text);
  return bytes;
}

async function writeFile(dir: string, { path, bytes, mode }: ImageFile): Promise<number> {
  const file = join(dir, path);
  await makeDir(dirname(file));
  if (Buffer.isBuffer(bytes)) {
    await writeDurably(file, bytes);
    return bytes.length;
  }
  await pipeline(await bytes.open(), createWriteStream(file, { mode, flags: 'wx', flush: true }));
  return bytes.size;
}

function textOf({ bytes, path }: ImageFile): string {
  if (!Buffer.isBuffer(bytes)) throw new Error(`${path} is not in memory`);
  return bytes.toString('utf8');
}

function report(
  { world, options, recipe }: Session,
  { pointer }: ImageTree,
  { bytes, url }: { readonly bytes: number; readonly url: string },
): void {
  const facts = { recipe: recipe.name, snapshot: pointer.snapshot, url: `${url}/`, bytes };
  world.stdout.write(
    options.json
      ? `${JSON.stringify(facts)}\n`
      : `${recipe.name}: ${pointer.snapshot} (${formatBytes(bytes)}), every file and signature verified, for ${url}/\n`,
  );
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

const usage = (message: string, advice: string): FactoryError => new FactoryError({ kind: 'Usage', message, advice });
