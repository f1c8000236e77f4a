import type { SnapshotFile } from '../plan/snapshot.ts';
import type { Unsigned } from './account.ts';
import type { Component, Pedigree } from './cyclonedx-types.ts';
import { licencesOf } from './licence.ts';
import type { PatchFile } from './patches.ts';
import type { IndexedPackage } from './primary.ts';
import { rpmPurl } from './purl.ts';
import type { UpstreamFile } from './upstream.ts';

/** A published package, binary or source. */
export function packageComponent(
  { path, digest }: SnapshotFile,
  indexed: IndexedPackage,
  unsigned: Unsigned,
  pedigree: Pedigree,
): Component {
  const purl = rpmPurl(indexed);
  return {
    type: 'application',
    'bom-ref': purl,
    name: indexed.name,
    version: versionOf(indexed),
    description: indexed.summary,
    hashes: [{ alg: 'SHA-256', content: digest }],
    licenses: licencesOf(indexed.license),
    purl,
    pedigree,
    externalReferences: [{ type: 'distribution', url: path }],
    properties: [
      { name: 'fullnat-factory:nevra', value: nevraOf(indexed) },
      { name: 'fullnat-factory:package', value: unsigned.package.name },
      { name: 'fullnat-factory:unsigned-sha256', value: unsigned.digest },
      { name: 'fullnat-factory:license', value: indexed.license },
    ],
  };
}

/** A package as the ancestor of another: its name and where to look it up. */
export function ancestorOf({ path, digest }: SnapshotFile, indexed: IndexedPackage): Component {
  return {
    type: 'application',
    name: indexed.name,
    version: versionOf(indexed),
    hashes: [{ alg: 'SHA-256', content: digest }],
    purl: rpmPurl(indexed),
    externalReferences: [{ type: 'source-distribution', url: path }],
  };
}

function versionOf({ epoch, version, release }: IndexedPackage): string {
  return `${epoch === '0' ? '' : `${epoch}:`}${version}-${release}`;
}

function nevraOf(indexed: IndexedPackage): string {
  return `${indexed.name}-${versionOf(indexed)}.${indexed.arch}`;
}

/** The name of a fetched file in the graph. */
export function upstreamRef({ digest }: { readonly digest: string }): string {
  return `source:sha256:${digest}`;
}

/** The name of a patch in the graph. */
export function patchRef({ digest }: { readonly digest: string }): string {
  return `patch:sha256:${digest}`;
}

/** A fetched file. As an ancestor of others it has no place in the graph of its own. */
export function upstreamComponent(source: UpstreamFile, asAncestor = false): Component {
  return {
    type: 'file',
    ...(asAncestor ? {} : { 'bom-ref': upstreamRef(source) }),
    name: source.file,
    ...(source.version === null ? {} : { version: source.version }),
    hashes: [{ alg: 'SHA-256', content: source.digest }],
    purl: source.purl,
    ...(source.url === null ? {} : { externalReferences: [{ type: 'source-distribution', url: source.url }] }),
    properties: [{ name: 'fullnat-factory:trust', value: source.trust }],
  };
}

/** A patch. */
export function patchComponent(patch: PatchFile): Component {
  return {
    type: 'file',
    'bom-ref': patchRef(patch),
    name: patch.name,
    hashes: [{ alg: 'SHA-256', content: patch.digest }],
    properties: [{ name: 'fullnat-factory:origin', value: patch.own ? 'recipe' : 'upstream' }],
  };
}

/**
 * The URL of a patch's text. CycloneDX has no digest there, so it is a name by digest (RFC 6920): it says which bytes, and
 * the source package, whose sources they are, has them.
 */
export function diffUrl({ digest }: PatchFile): string {
  return `ni:///sha-256;${Buffer.from(digest, 'hex').toString('base64url')}`;
}
