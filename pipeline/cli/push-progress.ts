import { formatBytes } from '../report/units.ts';
import { FactoryError } from '../run/failure.ts';
import type { RegistryHooks } from '../tools/tools.ts';
import type { Session } from './session.ts';

/** A person wants to see that something moves, and not every step of it. */
const EVERY_MS = 5000;

/** Progress of a push for people, on standard error: now and then a line with bytes; with --verbose all that the engine says. */
export function pushHooks({ world, options, mask }: Session, title: string): RegistryHooks {
  let last = performance.now();
  return {
    onLine: (line) => {
      if (options.verbose) world.stderr.write(`${title}: ${mask(line)}\n`);
    },
    onBytes: (done, total) => {
      if (performance.now() - last < EVERY_MS) return;
      last = performance.now();
      world.stderr.write(`${title}: ${formatBytes(done)} of ${formatBytes(total)}\n`);
    },
    signal: world.signal,
  };
}

/** Nobody said where images are to be pushed. */
export function noRegistry(): FactoryError {
  return new FactoryError({
    kind: 'Usage',
    message: 'no registry is named to push to',
    advice: 'Name one: --image-cache registry/path, FACTORY_IMAGE_CACHE, or `cache:` of an image in the recipe.yaml.',
  });
}
