import { execFile } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { ownerOf } from '../../pipeline/cli/session.ts';

/** What was seen from outside while something ran. */
export interface Watched {
  /** Where one of the texts was seen, in words; empty when nowhere. */
  readonly leaks: readonly string[];
  /** Steps whose containers were looked at. */
  readonly steps: ReadonlySet<string>;
  /** Paths of the host that were mounted into the containers of a step; none that had no such mount. */
  readonly binds: ReadonlyMap<string, readonly string[]>;
  /** Whether the process list ever had this text in it. */
  sawProcess(text: string): boolean;
}

const docker = new Docker();

/**
 * While `work` runs, looks again and again at every container that runs on this artifacts directory make (docker inspect) and
 * at the process list of the host, in which the processes of containers are too, for texts that nobody may see.
 */
export async function watchSecrets(
  artifacts: string,
  texts: readonly string[],
  work: () => Promise<void>,
): Promise<Watched> {
  const leaks = new Set<string>();
  const steps = new Set<string>();
  const binds = new Map<string, readonly string[]>();
  const processes = new Set<string>();
  let done = false;
  const working = work().finally(() => (done = true));
  const look = (where: string, seen: string): void => {
    for (const text of texts)
      if (formsOf(text).some((form) => seen.includes(form))) leaks.add(`${where}: ${text.slice(0, 6)}...`);
  };

  async function lookAtContainers(): Promise<void> {
    const label = [`fullnat-factory.owner=${ownerOf(await realpath(artifacts))}`];
    for (const { Id } of await docker.listContainers({ all: true, filters: { label } })) {
      const found = await docker.getContainer(Id).inspect().catch(goneIsFine);
      if (found === undefined) continue;
      const step = found.Config.Labels['fullnat-factory.step'] ?? found.Name;
      steps.add(step);
      const bound = found.Mounts.filter(({ Type }) => Type === 'bind').map(({ Source }) => Source);
      if (bound.length > 0) binds.set(step, bound);
      look(`docker inspect of ${step}`, JSON.stringify(found));
    }
  }
  async function lookAtProcesses(): Promise<void> {
    const { stdout } = await promisify(execFile)('ps', ['axww', '-o', 'args'], { maxBuffer: 64 * 1024 ** 2 });
    for (const line of stdout.split('\n')) processes.add(line);
    look('process list', stdout);
  }
  async function lookAround(): Promise<void> {
    while (!done) {
      await Promise.all([lookAtContainers(), lookAtProcesses()]);
      await delay(30);
    }
  }
  await Promise.all([working, lookAround()]);
  return { leaks: [...leaks], steps, binds, sawProcess: (text) => [...processes].some((line) => line.includes(text)) };
}

/** A text as it is, and as it stands in JSON. */
export function formsOf(text: string): string[] {
  return [...new Set([text, JSON.stringify(text).slice(1, -1)])];
}

/** `docker inspect` and `docker history` of every image that is ours. */
export async function imageDescriptions(): Promise<ReadonlyMap<string, string>> {
  const images = await docker.listImages({ filters: { label: ['fullnat-factory'] } });
  const described = await Promise.all(
    images.map(async ({ Id }) => {
      const image = docker.getImage(Id);
      const both = await Promise.all([image.inspect(), image.history()]).catch(goneIsFine);
      return [Id, JSON.stringify(both ?? '')] as const;
    }),
  );
  return new Map(described);
}

/** Containers and images come and go while we look. */
function goneIsFine(error: unknown): undefined {
  if ((error as { statusCode?: number }).statusCode === 404) return undefined;
  throw error;
}
