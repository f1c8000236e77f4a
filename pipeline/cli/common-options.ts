import { type Command, InvalidArgumentError, Option } from 'commander';

/** The mission's own; what only shows or serves results takes the same one. */
const DEFAULT_RECIPE = 'el6';

/** Adds the options that every command has. */
export function withCommon(command: Command): Command {
  return command
    .option('-r, --recipe <name|path>', 'recipe to use', DEFAULT_RECIPE)
    .option(
      '--only <targets>',
      'kernels, tools, a package, snapshot, publish, or step ids; separated by commas',
      list,
      [],
    )
    .option('--patches <dir>', "folder with a folder of patches per package, in place of the recipe's own")
    .option('--artifacts <dir>', 'where results go (default: artifacts/ of the checkout)')
    .option('--engine <url>', 'Docker engine (default: DOCKER_HOST, then the local socket)')
    .option('--offline', 'use no network; what is missing is an error', false)
    .option('--frozen', 'refuse sources and images that the lock does not name', false)
    .option('--jobs <number>', 'compiler jobs in a container (default: number of processors)', positive)
    .option('--keep-going', 'after a failure go on with what does not depend on it', false)
    .option(
      '--mirror <url|dir>',
      'look here first for files of http sources, and for all that vendor put there (repeatable)',
      collect,
      [],
    )
    .option('--lock <file>', "lock to use in place of the recipe's lock.json")
    .option(
      '--key <file>',
      'public key for signatures of upstream; its fingerprint must be pinned (repeatable)',
      collect,
      [],
    )
    .option('--signing-key <file>', 'armored secret key that signs (default: FACTORY_SIGNING_KEY, then a demo key)')
    .option('--signing-passphrase-file <file>', 'its passphrase (default: FACTORY_SIGNING_PASSPHRASE)')
    .option('--signing-agent <fingerprint>', 'sign with that key of your gpg-agent (default: FACTORY_SIGNING_AGENT)')
    .option('--base-image <name=image>', 'image of the engine as that base of the recipe (repeatable)', collect, [])
    .option('--builder-image <image>', "image of the engine to build in, instead of the recipe's builder")
    .option(
      '--image-cache <registry/path>',
      'where images are looked for before they are made; none: nowhere (default: FACTORY_IMAGE_CACHE, then the recipe)',
    )
    .addOption(new Option('--kernel-source <way>', 'how kernels get their patches').choices(['patch', 'patched-tree']))
    .option('--verbose', 'print every log line', false)
    .addOption(new Option('--json', 'for programs: JSON on standard output').default(false));
}

/** Names of an option, separated by commas; more when it is given again. */
export const list = (text: string, before: readonly string[]): string[] => [
  ...before,
  ...text.split(',').filter((part) => part !== ''),
];
/** An option that may be given more than once. */
export const collect = (text: string, before: readonly string[]): string[] => [...before, text];

/** A whole number of an option. Throws InvalidArgumentError for anything else. */
export function integer(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** A whole number from 1. Throws InvalidArgumentError for anything else. */
export function positive(text: string): number {
  const number = integer(text);
  if (number < 1) throw new InvalidArgumentError('It must be at least 1.');
  return number;
}
