import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AptMirrors } from '../tools.ts';
import type { AptSource } from './apt-sources.ts';
import { parseDeb822, parseSourcesList } from './apt-sources.ts';

/** Names of the moving releases, which some hosts use instead of a code name. */
const MOVING = ['stable', 'oldstable', 'oldoldstable', 'testing', 'unstable', 'sid'];
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * The apt mirrors that this machine uses itself, so that containers reach what it can reach; null where it is no Debian, or
 * does not name both archives in a way that a container could use. `root` is the directory that stands for `/`.
 */
export async function readAptMirrors(root = '/'): Promise<AptMirrors> {
  const release = parseOsRelease(await readIfAny(join(root, 'etc/os-release')));
  if (release.get('ID') !== 'debian') return chooseMirrors([], 'bookworm');
  const apt = join(root, 'etc/apt');
  const parts = join(apt, 'sources.list.d');
  const names = (await readdir(parts).catch(absent<string[]>([]))).sort();
  const sources = parseSourcesList(await readIfAny(join(apt, 'sources.list')));
  for (const name of names) {
    if (name.endsWith('.list')) sources.push(...parseSourcesList(await readIfAny(join(parts, name))));
    if (name.endsWith('.sources')) sources.push(...parseDeb822(await readIfAny(join(parts, name))));
  }
  return chooseMirrors(sources, release.get('VERSION_CODENAME') ?? 'bookworm');
}

/** Picks the Debian archive and its security archive out of everything that a host has. Pure. */
function chooseMirrors(sources: readonly AptSource[], codename: string): AptMirrors {
  const usable = sources.filter((source) => isUsable(source));
  const best = (suites: readonly string[], path: RegExp, also: string): string | undefined =>
    usable
      .filter(({ uri, suites: has }) => has.some((s) => suites.includes(s) && (!isMoving(s) || path.test(uri))))
      .map((source) => {
        const withAlso = usable.some(({ uri, suites: has }) => uri === source.uri && has.includes(also));
        const score = (path.test(source.uri) ? 4 : 0) + (withAlso ? 2 : 0) + (source.uri.startsWith('http:') ? 1 : 0);
        return { uri: source.uri.replace(/\/+$/, ''), score };
      })
      .sort((a, b) => b.score - a.score)[0]?.uri;
  const main = best([codename, ...MOVING], /\/debian(\/|$)/, `${codename}-updates`);
  const securitySuites = [codename, ...MOVING].flatMap((suite) => [`${suite}-security`, `${suite}/updates`]);
  const security = best(securitySuites, /\/debian-security(\/|$)/, '');
  // Both or none: one without the other would leave out security updates without a word.
  if (main === undefined || security === undefined) return { archives: null, secretHosts: [] };
  const hosts = [main, security].map((uri) => new URL(uri).hostname);
  return {
    archives: { main, security, sourcesList: sourcesListFor({ main, security }) },
    secretHosts: [...new Set(hosts.filter((host) => !/(^|\.)debian\.org$/.test(host)))],
  };
}

const isMoving = (suite: string): boolean => MOVING.includes(suite.replace(/(-security|\/updates)$/, ''));

/** Debian's own main component for x86-64, behind a URL that means the same inside a container. */
function isUsable({ uri, components, architectures, withoutArchitectures, signedBy }: AptSource): boolean {
  if (!/^https?:\/\//i.test(uri) || !URL.canParse(uri)) return false;
  const { hostname } = new URL(uri);
  if (/^(localhost|.*\.localhost|127\..*|0\.0\.0\.0|\[::1?\])$/.test(hostname)) return false;
  if (architectures.length > 0 && !architectures.includes('amd64')) return false;
  if (withoutArchitectures.includes('amd64')) return false;
  // Other publishers' archives have suites of the same names, but not Debian's key.
  if (signedBy !== null && !/(^|\/)debian-archive-[^/\s]*$/.test(signedBy.trim())) return false;
  return components.includes('main');
}

/** A sources.list for a container: one line per suite, limited to Debian's own keys. */
export function sourcesListFor(
  mirrors: { readonly main: string; readonly security: string },
  suite = 'bookworm',
  withSource = false,
): string {
  const archives = [
    [mirrors.main, suite],
    [mirrors.main, `${suite}-updates`],
    [mirrors.security, `${suite}-security`],
  ];
  const types = withSource ? ['deb', 'deb-src'] : ['deb'];
  const lines = types.flatMap((type) =>
    archives.map((archive) => `${type} [signed-by=${KEYRING}] ${archive.join(' ')} main`),
  );
  return `${lines.join('\n')}\n`;
}

function parseOsRelease(text: string): Map<string, string> {
  const pairs = text.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, name, value = ''] = /^([A-Z_]+)=["']?(.*?)["']?\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value]];
  });
  return new Map(pairs);
}

const readIfAny = (path: string): Promise<string> => readFile(path, 'utf8').catch(absent(''));

/** What a file or directory that is not there stands for; every other error stays one. */
const absent =
  <T>(value: T) =>
  (error: unknown): T => {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return value;
    throw error;
  };
