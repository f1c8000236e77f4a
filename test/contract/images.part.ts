import { describe, expect, it } from 'vitest';
import type { BuildImageSpec } from '../../pipeline/tools/tools.ts';
import type { ContainersHarness } from './containers.contract.ts';
import { failureFrom } from './containers.use.ts';

/** Importing, building, finding and reading images. */
export function imagesContract(harness: () => ContainersHarness): void {
  const never = new AbortController().signal;

  async function importTiny(name: string, labels: Record<string, string> = {}): Promise<string> {
    return harness().containers.importImage(await harness().rootfs(), { tag: harness().tag(name), labels }, never);
  }

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
      expect(await containers.imageByLabels({ 'test.odd': odd })).toBe(id);
      expect(await containers.imageLabels(id)).toMatchObject({ 'test.odd': odd, 'fullnat-factory': '1' });
      expect((await containers.readFile(id, '/etc/tiny-release')).toString()).toBe('tiny\n');
    });

    it('an unknown image is undefined', async () => {
      const { containers, tag } = harness();
      expect(await containers.imageId(tag('no-such-image'))).toBeUndefined();
      expect(await containers.imageLabels(tag('no-such-image'))).toBeUndefined();
      expect(await containers.imageByLabels({ 'test.no-such': 'label' })).toBeUndefined();
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
      expect(await harness().containers.imageByLabels({ 'test.key': 'k1' })).toBe(id);
      expect((await harness().containers.readFile(id, '/etc/note')).toString()).toBe('a note\n');
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

    it('a missing file of an image is SourceMissing', async () => {
      const id = await importTiny('base');
      expect(await failureFrom(harness().containers.readFile(id, '/etc/nothing'))).toMatchObject({
        kind: 'SourceMissing',
      });
      expect(await harness().left()).toEqual([]);
    });
  });
}
