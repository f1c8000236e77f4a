import { z } from 'zod';

/**
 * A strict object. The message of an unknown key is the list of allowed ones, so that the reader can say it per key, at the
 * place of that key (see problems.ts).
 */
export function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(', ') : undefined),
  });
}

/** A string that must match; `what` completes "must be …". */
function text(pattern: RegExp, what: string) {
  return z.string().regex(pattern, { error: `must be ${what}` });
}

/** Names of sources, packages, roles, images: they become parts of step ids, labels and file names. */
export const name = text(/^[a-z][a-z0-9]*([.-][a-z0-9]+)*$/, 'lower-case letters, digits, "." and "-", a letter first');

/** A file name without any folder. */
export const fileName = text(/^(?!\.)[^/\\\s]+$/, 'a plain file name: no folder, no spaces, no leading dot');

/** A relative path that stays below its folder. */
export const path = text(
  /^(?!\/)(?!.*(^|\/)\.\.?(\/|$))(?!.*\/\/)[^\\]*[^\\/]$/,
  'a relative path that stays in its folder: no leading "/", no "." or ".." parts',
);

/** Ends in a version or release of an RPM, where EL6's rpm 4.8 allows neither `-` nor `~` nor `^`. */
export const releasePart = text(/^\.[A-Za-z0-9_.]+$/, 'a "." followed by letters, digits, "_" and "."');

/** A sha256 in hex. */
export const sha256 = text(/^[0-9a-f]{64}$/, '64 lower-case hex digits');

/** The N of an RPM's name-version-release. */
export const rpmName = text(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/, 'the name of an RPM package');

/** One line for people. */
export const words = text(/^[^\r\n]+$/, 'one line that is not empty');

/** One line of a file or a command. ASCII, so that no file's encoding matters. */
export const line = text(/^[\t -~]+$/, 'one line of ASCII that is not empty');

/** Lines of a file. */
export const lines = text(/^[\t\n -~]+$/, 'ASCII text that is not empty');

/** Values of kernel configuration symbols as a .config writes them; `n` means "is not set". */
export const configValues = z.record(
  text(/^CONFIG_[A-Z0-9_]+$/, 'a configuration symbol: CONFIG_ and capitals, digits, "_"'),
  z.union([z.int().transform(String), line], {
    error: 'must be y, m, n, a number or a string as .config writes it (quote true, 0x10 and the like)',
  }),
);

/** "That binary package of that package of ours." */
export const rpmOf = strict({
  package: name.describe('Name of a package of this recipe'),
  rpm: rpmName.describe('Name of one of the binary packages that it produces'),
});
