import { Command, CommanderError, Option } from 'commander';
import { EXIT } from '../run/exit-code.ts';
import { FactoryError } from '../run/failure.ts';
import { collect, integer, list, positive, withCommon } from './common-options.ts';
import type { OwnOptions } from './own-options.ts';
import type { CommonOptions, World } from './world.ts';

export type { OwnOptions };

/** A command's code; returns the exit code. Imported only when it is called: a cached build must not load everything. */
type Action = (world: World, options: CommonOptions, args: readonly string[], own: OwnOptions) => Promise<number>;

/** Parses the command line, runs the command, returns its exit code. Usage errors are thrown as failures. */
export async function buildProgram(world: World): Promise<number> {
  let code: number = EXIT.ok;
  const program = new Command('factory')
    .description('Builds, signs, proves and publishes LVS FULLNAT director and TOA backend kernels as RPMs')
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError(true)
    .exitOverride();

  const command = (
    name: string,
    description: string,
    load: () => Promise<Action>,
    extend: (command: Command) => Command = (same) => same,
  ): void => {
    extend(withCommon(program.command(name).description(description))).action(async (...all: unknown[]) => {
      const self = all.at(-1) as Command;
      const options = self.opts<CommonOptions & OwnOptions>();
      code = await (await load())(world, options, self.args, options);
    });
  };

  command('doctor', 'what this machine has and lacks', async () => (await import('./doctor.ts')).doctor);
  command(
    'plan',
    'the steps, and what each would do and why',
    async () => (await import('./plan.ts')).plan,
    (self) => self.option('--matrix', 'instead: the packages as jobs of a CI system, one line of JSON', false),
  );
  command('explain [steps...]', 'why steps would run again', async () => (await import('./plan.ts')).explain);
  command(
    'fetch',
    'fetch the sources',
    async () => (await import('./build.ts')).fetch,
    (self) => self.option('--refresh', 'ask the archives again even for sources that are here', false),
  );
  command(
    'lock',
    "resolve sources anew and write the recipe's lock.json",
    async () => (await import('./lock.ts')).lock,
    (self) => self.option('--refresh', 'make the images anew as well, with the newest packages', false),
  );
  command(
    'vendor <dir>',
    'collect all that a build takes from outside, for machines without a network',
    async () => (await import('./vendor.ts')).vendor,
    (self) => self.option('--without-pushed', 'leave out images that the lock names in a registry', false),
  );
  command(
    'export <file>',
    'what the targets of --only are made of, as one archive for another machine',
    async () => (await import('./export.ts')).exportSteps,
    (self) =>
      self
        .option('--without <targets>', 'leave out what these are made of; separated by commas', list, [])
        .option('--without-sources', 'leave out sources and images, which vendor carries', false),
  );
  command(
    'import <files...>',
    'take in archives that export wrote',
    async () => (await import('./import.ts')).importArchives,
    (self) =>
      self.option('--sha256 <digest>', 'digest that the file must have; once per file, in their order', collect, []),
  );
  command('build', 'everything up to the proof', async () => (await import('./build.ts')).build);
  command('publish', 'build, then move the pointer', async () => (await import('./build.ts')).publish);
  command(
    'snapshots',
    'the snapshots of the recipe, oldest first',
    async () => (await import('./snapshots.ts')).snapshots,
  );
  command(
    'rollback <snapshot>',
    'move the pointer to an earlier snapshot, after verifying it',
    async () => (await import('./rollback.ts')).rollback,
  );
  command('renew', 'sign the pointer anew, so that it does not expire', async () => (await import('./renew.ts')).renew);
  command('pin <snapshot>', 'never prune that snapshot', async () => (await import('./rollback.ts')).pin);
  command('unpin <snapshot>', 'it may be pruned again', async () => (await import('./rollback.ts')).unpin);
  command('demo', 'the whole chain of the recipe lts, published', async () => (await import('./demo.ts')).demo);
  command(
    'verify',
    're-hash the store and every snapshot',
    async () => (await import('./verify.ts')).verify,
    (self) =>
      self
        .option('--cross-check', 'instead: compare source packages plus patches with the ready-made trees', false)
        .option('--rebuild [package]', 'instead: build what is published again and compare it, unsigned')
        .addOption(
          new Option('--from <what>', 'with --rebuild: what says what is built (default: provenance)').choices([
            'provenance',
            'checkout',
          ]),
        )
        .option('--snapshot <id>', 'with --rebuild: that one instead of the current one'),
  );
  command(
    'serve',
    'serve the repository over HTTP',
    async () => (await import('./serve.ts')).serve,
    (self) =>
      self
        .option('--port <number>', 'port to listen on; 0 takes a free one', integer, 8080)
        .option('--host <address>', 'address to listen on', '127.0.0.1'),
  );
  command(
    'image',
    'make a container image that serves what is published',
    async () => (await import('./image.ts')).image,
    (self) =>
      self
        .option('--tag <name>', 'one more name for the image (repeatable)', collect, [])
        .option('--push', 'push it to the registry of --image-cache, as <registry/path>/repository', false)
        .option('--snapshots <number>', 'how many older snapshots to take along', integer, 0),
  );
  command(
    'images <action>',
    'images that packages are built in, with a registry: push, pull',
    async () => (await import('./images.ts')).images,
  );
  command(
    'site <dir>',
    'what is published as plain files, for a web server that only knows files',
    async () => (await import('./site.ts')).site,
    (self) =>
      self
        .option('--base-url <url>', 'where the directory will be found: mirror list, .repo file and page name it')
        .option('--snapshots <number>', 'how many older snapshots to take along', integer, 0),
  );
  command(
    'cache-key',
    'names under which a CI system keeps store, ledger and compiler cache',
    async () => (await import('./cache-key.ts')).cacheKey,
  );
  command(
    'prune',
    'remove what no latest result needs',
    async () => (await import('./prune.ts')).prune,
    (self) =>
      self
        .option('--keep-runs <number>', 'how many run folders to keep', integer, 10)
        .option('--keep <number>', 'remove all snapshots but the newest so many, current and pinned ones', positive),
  );
  command(
    'key <action> [file]',
    'signing keys: new --out FILE, show [FILE], rotate',
    async () => (await import('./key.ts')).key,
    (self) =>
      self
        .option('--name <name>', "new: name in the user id (default: the recipe's)")
        .option('--email <address>', "new: address in the user id (default: the recipe's)")
        .option('--bits <number>', 'new: length of the RSA key', integer, 4096)
        .option('--out <file>', 'new: file for the secret key; the public one is beside it as <file>.pub')
        .option('--passphrase-file <file>', 'new: file whose one line protects the secret key'),
  );
  command(
    'configure <cluster>',
    'files for every director and backend of a cluster file',
    async () => (await import('./configure.ts')).configure,
    (self) =>
      self
        .option('--out <dir>', 'a folder per host is made there (default: configured/<cluster>)')
        .addOption(new Option('--kind <kind>', 'kernels and tools of the cluster').choices(['el6', 'lts']))
        .option('--force', 'overwrite files that were not generated', false)
        .option('--check', 'let the published keepalived read the result (lts)', false),
  );
  command(
    'shell <step> [command...]',
    "the step's container with its inputs; put -- before a command that has options",
    async () => (await import('./shell.ts')).shell,
  );

  try {
    await program.parseAsync([...world.argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return EXIT.ok;
    if (error.code === 'commander.help') return EXIT.usage;
    throw new FactoryError({
      kind: 'Usage',
      message: error.message.replace(/^error: /, ''),
      advice: 'bin/factory --help lists commands; bin/factory <command> --help its options.',
    });
  }
  return code;
}
