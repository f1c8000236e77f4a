import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildSync } from 'esbuild';
import { expect } from 'vitest';
import { createRepository } from '../../pipeline/tools/repository.ts';
import { signedPointer } from '../helpers/signed-pointer.ts';
import { signingKey } from '../helpers/signing-key.ts';
import { memoryDir } from '../helpers/temp-dir.ts';
import { tinyId, tinySnapshot, writeTiny } from '../helpers/tiny-snapshot.ts';
import { BASE_URL, CHECK, EVIDENCE, type Job, publishAsStagesDo, RECIPE } from './publish-steps.ts';

/** How a publisher process ended. */
interface Ended {
  readonly signal: NodeJS.Signals | null;
  /** File operations; only of one that came to its end. */
  readonly operations: number;
  readonly errors: string;
}

/** A repository that two small snapshots are published to in turn, by processes that may be killed. */
export interface PublishRig {
  /** Root of all repositories, and that of ours. */
  readonly root: string;
  readonly base: string;
  readonly key: string;
  /** The next snapshot to publish: the other contents, under a new id. */
  next(): Job;
  /** Runs a publisher; `killAfter` milliseconds after it is ready it is killed. */
  publisher(
    jobs: readonly Job[],
    how?: { readonly killAt?: number; readonly killAfter?: number; readonly inPlace?: boolean },
  ): Promise<Ended>;
  /** Publishes without a kill and compares every byte with what should be there. */
  converge(job: Job): Promise<void>;
  /** Removes all snapshots but the current one; nobody may be reading them. */
  prune(): Promise<void>;
}

export function publishRig(): PublishRig {
  const [root, work] = [memoryDir(), memoryDir()];
  const child = join(work, 'child.mjs');
  // Bundled, because loading module by module takes longer than what the child does.
  buildSync({
    entryPoints: [join(import.meta.dirname, 'publish-child.ts')],
    outfile: child,
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  const key = signingKey();
  const templates = ['1', '2'].map((version) => {
    const tiny = tinySnapshot(version, key);
    const dir = join(work, version);
    writeTiny(tiny, dir);
    return { tiny, dir };
  });
  const base = join(root, RECIPE);
  let made = 0;

  return {
    root,
    base,
    key: key.publicKey,

    next() {
      made += 1;
      const template = templates[made % templates.length];
      if (template === undefined) throw new Error('no template');
      const id = tinyId(template.tiny, made);
      const pointer = signedPointer(key, { recipe: RECIPE, snapshot: id }, { serial: made });
      return { root, template: template.dir, files: [...template.tiny.keys()], id, pointer };
    },

    async publisher(jobs, { killAt = 0, killAfter, inPlace = false } = {}) {
      // In a file: hundreds of jobs are too long for an argument.
      writeFileSync(join(work, 'wish.json'), JSON.stringify({ jobs, inPlace, killAt }));
      const process_ = spawn(process.execPath, [child, join(work, 'wish.json')]);
      let output = '';
      let errors = '';
      process_.stdout.on('data', (chunk: Buffer) => {
        if (output === '' && killAfter !== undefined) setTimeout(() => process_.kill('SIGKILL'), killAfter);
        output += chunk.toString();
      });
      process_.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      const [, signal] = (await once(process_, 'close')) as [number | null, NodeJS.Signals | null];
      return { signal, operations: Number(output.split('\n')[1] ?? 0), errors };
    },

    async converge(job) {
      await publishAsStagesDo(job);
      const dir = join(base, 'snapshots', job.id);
      const want = new Map(job.files.map((path) => [path, readFileSync(join(job.template, path), 'utf8')]));
      want.set(EVIDENCE, '{"ok":true}').set('index.html', 'page');
      expect(treeOf(dir)).toEqual(new Map([...want].sort(([a], [b]) => (a < b ? -1 : 1))));
      expect(readdirSync(base).sort()).toEqual([
        'RPM-GPG-KEY-factory',
        ...CHECK.toReversed(),
        'current',
        'fullnat-tiny.repo',
        'keys',
        'mirrorlist',
        'pointer.asc',
        'snapshots',
      ]);
      expect(readdirSync(join(base, 'keys'))).toEqual([`${key.fingerprint}.asc`]);
      expect(readdirSync(join(base, 'snapshots')).filter((name) => name.startsWith('.'))).toEqual([]);
      expect(readFileSync(join(base, 'current'), 'utf8')).toBe(`${job.id}\n`);
      expect(readFileSync(join(base, 'mirrorlist'), 'utf8')).toBe(`${BASE_URL}/snapshots/${job.id}/\n`);
      expect(readFileSync(join(base, 'pointer.asc'), 'utf8')).toBe(job.pointer);
      expect(await createRepository(root, RECIPE).pointer()).toMatchObject({ agrees: true, signer: key.fingerprint });
    },

    async prune() {
      const repository = createRepository(root, RECIPE);
      const current = await repository.current();
      for (const id of await repository.snapshots()) if (id !== current) await repository.removeSnapshot(id);
    },
  };
}

function treeOf(dir: string): Map<string, string> {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => relative(dir, join(entry.parentPath, entry.name))).sort();
  return new Map(paths.map((path) => [path, readFileSync(join(dir, path), 'utf8')]));
}
