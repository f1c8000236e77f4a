import type { FailureOf } from '../../run/failure.ts';
import type { Description } from './description.ts';

interface Words {
  /** `{detail}` and `{step}` are filled in. */
  readonly short: string;
  readonly advice: readonly string[];
}

/** What scripts and specs call their errors (`@@factory error=<code>`), and what to do about each. */
const WORDS: Readonly<Record<string, Words>> = {
  'wrong-passphrase': {
    short: 'the signing key cannot be unlocked: {detail}',
    advice: [
      'Give the passphrase in a file (`--signing-passphrase-file FILE`) or in the environment (FACTORY_SIGNING_PASSPHRASE).',
      'Nothing was signed; what was built is kept, the next run only signs.',
    ],
  },
  'key-unusable': {
    short: 'the signing key cannot be used: {detail}',
    advice: [
      'Look at it: `bin/factory key show FILE`. A fitting one is made by `bin/factory key new --out FILE`.',
      'Nothing was signed; what was built is kept, the next run only signs.',
    ],
  },
  'not-signed': {
    short: 'a signature was made that does not verify: {detail}',
    advice: [
      'It was not used. Run again; if it happens twice, the image that signs ({step}) is broken: look at the log.',
    ],
  },
  'clock-in-tree': {
    short: 'the kernel would contain the time of its build: {detail}',
    advice: [
      "The recipe's edits in %prep take the clock out of two files of the tree. Look at how the files say it now (`bin/factory shell {step}`) and adapt the edit in the recipe.yaml.",
    ],
  },
  'config-unanswered': {
    short: 'kernel configuration: nothing says what {detail} shall be',
    advice: [
      'RHEL 6 kernels take no defaults here: a symbol that is new (a patch brought it) or whose value is out of range must be given one.',
      'Give it a value in the recipe.yaml: `config.add` where the fragment has no line for it, `config.set` where it has.',
    ],
  },
  'kabi-broken': {
    short: 'the kernel ABI check failed: {detail}',
    advice: [
      'Patches that change structs of ip_vs always do that: add `--without kabichk` to `with` in the recipe.yaml.',
    ],
  },
  'tree-full': {
    short: 'the build tree is full: {detail}',
    advice: [
      'Give the package more room: `treeMiB` in the recipe.yaml. It is memory where half of the machine has so much, else disk of the engine.',
    ],
  },
  'module-key-missing': {
    short: 'the key that signs the kernel modules was not made: {detail}',
    advice: [
      'Found right after %prep, minutes before it would have mattered. The gpg of the builder image could not make it: RHEL 6 expects gpg 1.4 or 2.0 and reads /dev/random.',
    ],
  },
  'modules-not-signed': {
    short: 'kernel modules are not signed: {detail}',
    advice: ['Look for `modpost` and `NO SIGN` in the log: the module key was not there when the modules were made.'],
  },
  'no-ipvs': {
    short: 'keepalived was configured without IPVS: {detail}',
    advice: [
      'Its configure script only warns about that. It wants the headers of the director kernel (kernel-devel): look into config.log (`bin/factory shell {step}`).',
    ],
  },
  'wrong-kernel-devel': {
    short: 'the tools are about to be built against another kernel: {detail}',
    advice: ['They need the kernel-devel of the director that this recipe builds: see `needs` in the recipe.yaml.'],
  },
  'no-fullnat': {
    short: 'the ipvsadm that was built does not know FULLNAT: {detail}',
    advice: ['The sources of the tools are not those of LVS FULLNAT. Compare the archive with what the recipe names.'],
  },
  'libnl-found': {
    short: 'keepalived was configured with libnl: {detail}',
    advice: ['ipvsadm of LVS v1 cannot be linked with it. The builder image must not have libnl-devel.'],
  },
  'struct-mismatch': {
    short: 'the tools and the kernel disagree about ip_vs.h: {detail}',
    advice: [
      'Such tools would tell "Possibly wrong module version" on the director. Take tools and kernel patch from one release.',
    ],
  },
  'tools-odd-tree': {
    short: 'the archive of the tools is not what the recipe expects: {detail}',
    advice: ['Look into it (`bin/factory shell {step}`) and compare it with docs/el6.md.'],
  },
  'tools-wrong-path': {
    short: 'a tool would look for its configuration in the wrong place: {detail}',
    advice: ['The configure switches in lvs-tools.spec decide that.'],
  },
  'unpackaged-files': {
    short: 'files were installed that no package lists: {detail}',
    advice: ['Add them to %files of the spec, or remove them in %install.'],
  },
  'files-missing': {
    short: 'a package lists files that were not installed: {detail}',
    advice: ['Remove them from %files of the spec, or find out why the build did not make them.'],
  },
  'srpm-source-missing': {
    short: '{detail}',
    advice: ['Add what is missing to `sources` or `files` of the package in the recipe.yaml.'],
  },
  'config-rejected': {
    short: 'keepalived does not accept what was generated: {detail}',
    advice: [
      'What was generated is written, so that you can look at the line. It should not happen: report it with the cluster file.',
    ],
  },
  'archive-unreadable': {
    short: 'an archive cannot be read: {detail}',
    advice: ['Fetch it again: `bin/factory fetch --refresh`. If it stays so, it is damaged where it comes from.'],
  },
  'srpm-unreadable': {
    short: 'the source package cannot be read: {detail}',
    advice: ['Fetch it again: `bin/factory fetch --refresh`.'],
  },
};

/** A step that said itself why it failed. */
export function stepFailed({ step, code, detail }: FailureOf<'StepFailed'>): Description {
  const words = WORDS[code];
  const fill = (text: string): string =>
    text.replace(/\{(detail|step)\}/g, (_, field) => (field === 'step' ? step : detail));
  if (words === undefined)
    return {
      short: `${step} failed: ${detail === '' ? code : detail}`,
      detail: [],
      advice: [
        'Read the last lines of the log; the first error is often further up in the full log.',
        `Look around where it failed: \`bin/factory shell ${step}\`.`,
      ],
    };
  return { short: fill(words.short), detail: [`step  ${step}`], advice: words.advice.map(fill) };
}
