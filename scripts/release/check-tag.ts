import { parse, prerelease, valid } from 'semver';

/** What a tag says, or what is wrong with it. */
export type CheckedTag = { readonly version: string; readonly prerelease: boolean } | { readonly problem: string };

/**
 * Compares a release tag with the version in package.json: `v` and the same semantic version, written in the one canonical
 * way, without build metadata (which orders nothing, so that two releases could be the same version).
 */
export function checkTag(tag: string, packageVersion: string): CheckedTag {
  if (valid(packageVersion) !== packageVersion)
    return { problem: `package.json: version ${JSON.stringify(packageVersion)} is no semantic version` };
  const text = tag.startsWith('v') ? tag.slice(1) : '';
  const parsed = parse(text);
  if (parsed === null || parsed.version !== text)
    return { problem: `tag ${JSON.stringify(tag)} is not v and a semantic version; v${packageVersion} is wanted` };
  if (text !== packageVersion)
    return { problem: `tag ${tag}, but package.json says ${packageVersion}: change one of them` };
  return { version: text, prerelease: prerelease(text) !== null };
}
