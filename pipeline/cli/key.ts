import { FactoryError } from '../run/failure.ts';
import type { OwnOptions } from './program.ts';
import type { CommonOptions, World } from './world.ts';

/** `factory key new | show [FILE] | rotate`. */
export async function key(
  world: World,
  options: CommonOptions,
  [action, file]: readonly string[],
  own: OwnOptions,
): Promise<number> {
  switch (action ?? '') {
    case 'new':
      return (await import('./key-new.ts')).keyNew(world, options, own);
    case 'show':
      return (await import('./key-show.ts')).keyShow(world, options, file);
    case 'rotate':
      return (await import('./key-rotate.ts')).keyRotate(world, options);
    default:
      throw new FactoryError({
        kind: 'Usage',
        message: `factory key knows no action ${action ?? ''}`,
        advice: 'There are: key new --out FILE, key show [FILE], key rotate --signing-key FILE.',
      });
  }
}
