import { buffer } from 'node:stream/consumers';
import { cancellable } from '../../pipeline/tools/docker/cancel.ts';
import type { Identity } from '../../pipeline/tools/docker/labels.ts';
import { labelsFor } from '../../pipeline/tools/docker/labels.ts';
import { FactoryError } from '../../pipeline/run/failure.ts';
import type { BuildImageSpec } from '../../pipeline/tools/tools.ts';
import type { FakeEngine, FakeImage } from './fake-containers-engine.ts';

/**
 * Reads just enough of a Dockerfile: FROM takes the files, labels and behaviour of its image, COPY copies one file, RUN
 * fails for commands that end in `false`, everything else passes.
 */
export async function fakeBuild(
  engine: FakeEngine,
  identity: Identity,
  spec: BuildImageSpec,
  left: ReadonlyMap<string, Buffer>,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<string> {
  return cancellable(signal, async () => {
    const context = new Map<string, Buffer>();
    for (const { path, bytes } of spec.files) {
      context.set(path, Buffer.isBuffer(bytes) ? bytes : await buffer(await bytes.open()));
    }
    const tail: string[] = [];
    const fail = (step: string): FactoryError =>
      new FactoryError({ kind: 'ImageBuildFailed', image: spec.name, step, tail });
    const instructions = instructionsOf(context.get('Dockerfile')?.toString() ?? '');
    let base: FakeImage | undefined;
    const files = new Map<string, Buffer>();
    for (const [index, instruction] of instructions.entries()) {
      const step = `Step ${index + 1}/${instructions.length} : ${instruction}`;
      tail.push(step);
      onLine(step);
      const [verb, ...words] = instruction.split(/\s+/);
      if (verb === 'FROM') {
        base = engine.findImage(substitute(words[0] ?? '', spec.buildArgs));
        if (base === undefined) throw fail(step);
        base.files.forEach((bytes, path) => files.set(path, bytes));
      }
      if (verb === 'COPY') {
        const copied = context.get(words[0] ?? '');
        if (copied === undefined) throw fail(step);
        files.set(words[1] ?? '', copied);
      }
      if (verb === 'RUN' && words.at(-1) === 'false') throw fail(step);
    }
    if (base === undefined) throw fail('');
    left.forEach((bytes, path) => files.set(path, bytes));
    const labels = { ...base.labels, ...spec.labels, ...labelsFor(identity, 'image', spec.name) };
    return engine.addImage({ labels, files, program: base.program }, spec.tag).id;
  });
}

function instructionsOf(dockerfile: string): string[] {
  return dockerfile
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function substitute(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{?(\w+)\}?/g, (all, name: string) => values[name] ?? all);
}
