import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createWriteStream } from 'node:fs';
import { promisify } from 'node:util';
import Docker from 'dockerode';
import { expectCode, workplace } from './run-factory.ts';
import { tinyRootfs } from './tiny-image.ts';

const engine = new Docker();

/** Engine ids of the builder and the target that the small recipe has, made when they are not there. */
export async function realImages(): Promise<readonly [builder: string, target: string]> {
  await using place = await workplace();
  const steps = ['builder-image:debian-builder', 'builder-image:debian-target'];
  const made = await place.run(['build', '--json', '--only', steps.join(',')]);
  expectCode(made, 0);
  const [builder = '', target = ''] = steps.map(
    (id) =>
      made.events
        .flatMap((event) => (event.type === 'step-made' && event.step === id ? event.record.outputs : []))
        .find(({ kind }) => kind === 'image')?.engineId,
  );
  return [builder, target];
}

/**
 * Image folders of a checkout under names that only one test has, so that it may remove their images: everybody else uses the same
 * engine. What is in them is that of images which are there, so making them takes no time.
 */
export async function ownImage(checkout: string, name: string, like: string): Promise<void> {
  await folder(checkout, name, { Dockerfile: `ARG BASE\nFROM \${BASE} AS base\nFROM ${like}\n` });
}

/** A base of a few megabytes with a package list on it, and how it is bootstrapped: not any more once `forbid` is there. */
export async function tinyImages(checkout: string, name: string, forbid: string): Promise<void> {
  const list = 'bash amd64 5.2\n';
  const dockerfile = 'ARG BASE\nFROM ${BASE}\nCOPY packages.txt /usr/share/fullnat-factory/packages.txt\n';
  await folder(checkout, name, { Dockerfile: dockerfile, 'packages.txt': list });
  const script = ['#!/usr/bin/env bash', 'set -eu', `[ ! -e ${forbid} ]`, 'cp "${0%/*}/base.tar" "$OUT"', ''];
  await folder(checkout, `${name}-base`, { 'bootstrap.sh': script.join('\n') });
  await chmod(join(checkout, `dockerfiles/${name}-base/bootstrap.sh`), 0o755);
  await pipeline(await tinyRootfs(), createWriteStream(join(checkout, `dockerfiles/${name}-base/base.tar`)));
}

async function folder(checkout: string, name: string, files: Readonly<Record<string, string>>): Promise<void> {
  const dir = join(checkout, 'dockerfiles', name);
  await mkdir(dir);
  for (const [file, text] of Object.entries(files)) await writeFile(join(dir, file), text);
}

/** Changes the recipe.yaml of a checkout; every change must change something. */
export async function changeRecipe(file: string, changes: readonly (readonly [string, string])[]): Promise<void> {
  let yaml = await readFile(file, 'utf8');
  for (const [from, to] of changes) {
    if (!yaml.includes(from)) throw new Error(`no ${JSON.stringify(from)} in ${file}`);
    yaml = yaml.replace(from, to);
  }
  await writeFile(file, yaml);
}

/** Removes every image that has one of our own names, under all its names. Names of others keep theirs. */
export async function removeOwnImages(name: string): Promise<void> {
  for (const { Id, RepoTags } of await engine.listImages())
    if (((RepoTags ?? []) as readonly string[]).some((tag) => tag.startsWith(`fullnat-factory/${name}`)))
      await engine.getImage(Id).remove({ force: true });
}

/** Takes away all names below a registry; images that have no other name go with them. */
export async function forgetRegistry(host: string): Promise<void> {
  for (const { RepoTags, RepoDigests } of await engine.listImages()) {
    const names = [...((RepoTags ?? []) as readonly string[]), ...((RepoDigests ?? []) as readonly string[])];
    for (const name of names.filter((one) => one.startsWith(`${host}/`)))
      await engine
        .getImage(name)
        .remove()
        .catch((error: unknown) => {
          // The last tag takes the digests along.
          if ((error as { statusCode?: number }).statusCode !== 404) throw error;
        });
  }
}

/** `docker history` and `docker inspect` of an image, as text. */
export async function describedBy(image: string): Promise<string> {
  const docker = async (...args: string[]): Promise<string> => (await promisify(execFile)('docker', args)).stdout;
  return (await docker('history', '--no-trunc', image)) + (await docker('inspect', image));
}
