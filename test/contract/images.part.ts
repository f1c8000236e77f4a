import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { imageInArchive } from '../../pipeline/tools/docker/image-archive.ts';
import type { BuildImageSpec } from '../../pipeline/tools/tools.ts';
import type { ContainersHarness } from './containers.contract.ts';
import { failureFrom } from './containers.use.ts';

/** Importing, building, finding and reading images. */
export function imagesContract(harness: () => ContainersHarness): void {
  const never = new AbortController().signal;

  async function importTiny(name: string, labels: Record<string, string> = {}): Promise<string> {
    return harness().containers.importImage(await harness().rootfs(), { tag: harness().tag(name), labels }, never);
  }

  const repository = (name: string): string =>
    harness()
      .tag(name)
      .replace(/:[^:]*$/, '');

  function dockerfile(base: string, ...lines: string[]): BuildImageSpec {
    const contents = [`ARG BASE`, `FROM $BASE`, ...lines, ''].join('\n');
    return {
      name: 'built',
      tag: harness().tag('built'),
      files: [
        { path: 'Dockerfile', mode: 0o644, bytes: Buffer.from(contents) },
        { path: 'files/note', mode: 0o644, bytes: Buffer.from('a note\n') },
      ],
      buildArgs: { BASE: base },
      labels: { 'test.key': 'k1' },
    };
  }

  describe('images', () => {
    it('an import is found by tag, id and labels', async () => {
      const odd = 'a "quoted" $value with \\ and spaces';
      const id = await importTiny('imported', { 'test.odd': odd });
      expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
      const { containers, tag } = harness();
      expect(await containers.imageId(tag('imported'))).toBe(id);
      expect(await containers.imageId(id)).toBe(id);
      expect(await containers.imageByLabels(repository('imported'), { 'test.odd': odd })).toBe(id);
      expect(await containers.imageLabels(id)).toMatchObject({ 'test.odd': odd, 'fullnat-factory': '1' });
      expect((await containers.readFile(id, '/etc/tiny-release')).toString()).toBe('tiny\n');
    });

    it('one more tag is another name of the same image; an unknown image gets none', async () => {
      const { containers, tag } = harness();
      const id = await importTiny('named');
      await containers.tagImage(id, tag('other-name'));
      expect(await containers.imageId(tag('other-name'))).toBe(id);
      expect(await containers.imageId(tag('named'))).toBe(id);
      const second = await importTiny('second', { 'test.second': 'yes' });
      await containers.tagImage(second, tag('other-name'));
      expect(await containers.imageId(tag('other-name'))).toBe(second);
      const unknown = containers.tagImage(`sha256:${'0'.repeat(64)}`, tag('third-name'));
      expect(await failureFrom(unknown)).toMatchObject({ kind: 'SourceMissing' });
    });

    it('an unknown image is undefined', async () => {
      const { containers, tag } = harness();
      expect(await containers.imageId(tag('no-such-image'))).toBeUndefined();
      expect(await containers.imageLabels(tag('no-such-image'))).toBeUndefined();
      expect(await containers.imageByLabels(repository('imported'), { 'test.no-such': 'label' })).toBeUndefined();
    });

    it('an import whose tar breaks off fails with the reason', async () => {
      const rootfs = await harness().rootfs();
      const broken = harness().containers.importImage(rootfs, { tag: harness().tag('broken'), labels: {} }, never);
      rootfs.destroy(new Error('the source broke'));
      await expect(broken).rejects.toThrow('the source broke');
      expect(await harness().containers.imageId(harness().tag('broken'))).toBeUndefined();
    });

    it('a build tells its steps and gives the id of the image', async () => {
      const lines: string[] = [];
      const spec = dockerfile(await importTiny('base'), 'RUN true', 'COPY files/note /etc/note');
      const id = await harness().containers.buildImage(spec, (line) => lines.push(line), never);
      expect(lines.some((line) => /^Step \d+\/\d+ : RUN true$/.test(line))).toBe(true);
      expect(await harness().containers.imageId(spec.tag)).toBe(id);
      expect(await harness().containers.imageByLabels(repository('built'), { 'test.key': 'k1' })).toBe(id);
      expect((await harness().containers.readFile(id, '/etc/note')).toString()).toBe('a note\n');
    });

    it('what is built on top of an image inherits its labels, and is not taken for it', async () => {
      const { containers, tag } = harness();
      const id = await importTiny('ours', { 'test.ours': 'yes' });
      const spec = { ...dockerfile(id, 'COPY files/note /etc/note'), tag: tag('theirs'), labels: {} };
      const theirs = await containers.buildImage(spec, () => undefined, never);
      expect(await containers.imageLabels(theirs)).toMatchObject({ 'test.ours': 'yes' });
      expect(await containers.imageByLabels(repository('ours'), { 'test.ours': 'yes' })).toBe(id);
      // Nor when the image itself has gone, or lost its tag.
      await containers.importImage(await harness().rootfs(), { tag: tag('ours'), labels: {} }, never);
      expect(await containers.imageByLabels(repository('ours'), { 'test.ours': 'yes' })).toBeUndefined();
    });

    it('a failing RUN fails the build', async () => {
      const spec = dockerfile(await importTiny('base'), 'RUN echo before && false');
      const failure = await failureFrom(harness().containers.buildImage(spec, () => undefined, never));
      expect(failure).toMatchObject({ kind: 'ImageBuildFailed', image: 'built' });
      expect(failure).toHaveProperty('step', expect.stringMatching(/^Step \d+\/\d+ : RUN echo before && false$/));
    });

    it('an aborted build is cancelled', async () => {
      const spec = dockerfile(await importTiny('base'), 'RUN true');
      const aborted = AbortSignal.abort();
      const failure = await failureFrom(harness().containers.buildImage(spec, () => undefined, aborted));
      expect(failure).toEqual({ kind: 'Cancelled' });
    });

    it('a saved image comes back: same id, labels and files, under the tag that was asked for', async () => {
      const { containers, tag, removeImage } = harness();
      const id = await importTiny('to-save', { 'test.saved': 'yes' });
      const saved = await buffer(await containers.saveImage(id));
      await removeImage(id);
      expect(await containers.imageId(id)).toBeUndefined();
      await containers.loadImage(Readable.from([saved]), { id, tag: tag('loaded') }, never);
      expect(await containers.imageId(tag('loaded'))).toBe(id);
      expect(await containers.imageLabels(id)).toMatchObject({ 'test.saved': 'yes' });
      expect((await containers.readFile(id, '/etc/tiny-release')).toString()).toBe('tiny\n');
    });

    it('what is saved tells its image without an engine', async () => {
      const id = await importTiny('to-look-at');
      const found = await imageInArchive(await harness().containers.saveImage(id));
      expect(found).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(found === id).toBe(harness().idsAreDigests);
    });

    it('saving an unknown image, loading another one or none at all is SourceMissing', async () => {
      const { containers, tag } = harness();
      const other = `sha256:${'0'.repeat(64)}`;
      expect(await failureFrom(containers.saveImage(other))).toMatchObject({ kind: 'SourceMissing' });
      const saved = await buffer(await containers.saveImage(await importTiny('another')));
      for (const bytes of [saved, Buffer.alloc(4096, 'no tar')]) {
        const loading = containers.loadImage(Readable.from([bytes]), { id: other, tag: tag('other') }, never);
        expect(await failureFrom(loading)).toMatchObject({ kind: 'SourceMissing' });
      }
      expect(await containers.imageId(tag('other'))).toBeUndefined();
    });

    it('a tar whose stream breaks off fails with the reason, a cancelled load with Cancelled', async () => {
      const { containers, tag } = harness();
      const id = await importTiny('breaking');
      const saved = await buffer(await containers.saveImage(id));
      const breaking = Readable.from(
        (function* () {
          yield saved.subarray(0, 1024);
          throw new Error('the source broke');
        })(),
      );
      await expect(containers.loadImage(breaking, { id, tag: tag('b') }, never)).rejects.toThrow('the source broke');
      const aborted = containers.loadImage(Readable.from([saved]), { id, tag: tag('b') }, AbortSignal.abort());
      expect(await failureFrom(aborted)).toEqual({ kind: 'Cancelled' });
    });

    it('a missing file of an image is SourceMissing', async () => {
      const id = await importTiny('base');
      expect(await failureFrom(harness().containers.readFile(id, '/etc/nothing'))).toMatchObject({
        kind: 'SourceMissing',
      });
      expect(await harness().left()).toEqual([]);
    });
  });
}
