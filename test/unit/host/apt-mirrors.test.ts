import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAptMirrors, sourcesListFor } from '../../../pipeline/tools/host/apt-mirrors.ts';
import type { AptMirrors } from '../../../pipeline/tools/tools.ts';

const MAIN = 'http://archive.example/debian';
const SECURITY = 'http://archive.example/debian-security';
/** A second file with a security archive, so that what is tested is only which main archive gets chosen. */
const WITH_SECURITY = { 'etc/apt/sources.list.d/security.list': `deb ${SECURITY} bookworm-security main\n` };

/** Reads the mirrors of a root directory with these files; Debian 12 unless the files say otherwise. */
async function mirrorsOf(files: Record<string, string>): Promise<AptMirrors> {
  const root = await mkdtemp(join(tmpdir(), 'apt-'));
  try {
    const all = { ...WITH_SECURITY, 'etc/os-release': 'ID=debian\nVERSION_CODENAME=bookworm\n', ...files };
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return await readAptMirrors(root);
  } finally {
    await rm(root, { recursive: true });
  }
}

const list = (text: string) => mirrorsOf({ 'etc/apt/sources.list': text });
/** The main archive that is chosen from a sources.list, or from a whole tree. */
const mainOf = async (files: string | Record<string, string>): Promise<string | undefined> =>
  (await (typeof files === 'string' ? list(files) : mirrorsOf(files))).archives?.main;
const sources = (text: string) => mirrorsOf({ 'etc/apt/sources.list.d/debian.sources': text });

describe('one-line format', () => {
  test('a private mirror', async () => {
    expect(
      await list(`# comment
        deb cdrom:[Debian 12]/ bookworm main
        deb-src http://src.example/debian bookworm main
        deb [ arch=amd64,arm64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg ] http://apt.example:81/debian/ bookworm main contrib # x
        deb http://apt.example:81/debian bookworm-updates main
        deb https://me:pass@sec.example/debian-security bookworm-security main`),
    ).toMatchObject({
      archives: { main: 'http://apt.example:81/debian' },
      secretHosts: ['apt.example', 'archive.example'],
    });
  });

  test.each([
    ['a commented line', '# deb http://a.example/debian bookworm main'],
    ['a trailing comment', 'deb http://a.example/debian bookworm # main'],
    ['another architecture', 'deb [arch=i386] http://a.example/debian bookworm main'],
    ['an excluded architecture', 'deb [arch-=amd64] http://a.example/debian bookworm main'],
    ['no main component', 'deb http://a.example/debian bookworm contrib'],
    ['another suite', 'deb http://a.example/debian bookworm-backports main'],
    ['another publisher', 'deb [signed-by=/etc/apt/keyrings/a.gpg] http://a.example/debian bookworm main'],
    ['a moving suite of somebody', 'deb http://a.example/repos/code stable main'],
    ['a flat repository', 'deb http://a.example/debian ./'],
    ['a file', 'deb file:/srv/debian bookworm main'],
    ['a mirror list', 'deb mirror+http://a.example/list bookworm main'],
    ['localhost', 'deb http://localhost:3142/debian bookworm main'],
    ['a loopback address', 'deb http://127.0.1.1/debian bookworm main'],
    ['an IPv6 loopback address', 'deb http://[::1]:80/debian bookworm main'],
    ['nothing', ''],
  ])('%s is not usable', async (_title, line) => {
    expect(await list(line)).toEqual({ archives: null, secretHosts: [] });
  });

  test('prefers what looks like the archive over what only has its suite', async () => {
    const main = await mainOf(`deb http://php.example/ bookworm main
      deb https://apt.example/x bookworm main
      deb https://apt.example/x bookworm-updates main
      deb https://late.example/debian bookworm main`);
    expect(main).toBe('https://late.example/debian');
  });

  test('moving suites of the archive', async () => {
    const { archives } = await list(`deb http://apt.example/debian stable main
      deb http://apt.example/debian-security stable-security main`);
    expect(archives).toMatchObject({
      main: 'http://apt.example/debian',
      security: 'http://apt.example/debian-security',
    });
  });
});

describe('deb822', () => {
  test('stanzas, continuation lines, comments, several URIs', async () => {
    expect(
      await sources(`# a comment
Types: deb deb-src
# inside
URIs: cdrom:x
 http://one.example/debian/
 http://two.example/debian/
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
uris: http://one.example/debian-security
suites: bookworm-security
components: main
`),
    ).toMatchObject({
      archives: { main: 'http://one.example/debian', security: 'http://one.example/debian-security' },
      secretHosts: ['one.example'],
    });
  });

  test.each([
    'Enabled: no',
    'Enabled: false',
    'Architectures: arm64',
    'Architectures-Remove: amd64',
    'Signed-By:\n -----BEGIN',
  ])('not with %j', async (field) => {
    const stanza = `Types: deb\nURIs: http://a.example/debian\nSuites: bookworm\nComponents: main\n`;
    expect((await sources(`${stanza}${field}\n`)).archives).toBeNull();
    expect((await sources(stanza)).archives?.main).toBe('http://a.example/debian');
  });

  test('only source packages are not enough', async () => {
    const stanza = 'Types: deb-src\nURIs: http://a.example/debian\nSuites: bookworm\nComponents: main\n';
    expect((await sources(stanza)).archives).toBeNull();
  });

  test('files of other names are not read', async () => {
    const stanza = 'Types: deb\nURIs: http://a.example/debian\nSuites: bookworm\nComponents: main\n';
    expect((await mirrorsOf({ 'etc/apt/sources.list.d/old.sources.bak': stanza })).archives).toBeNull();
  });
});

describe('hosts', () => {
  test('another Debian release: its archive serves ours too', async () => {
    const main = await mainOf({
      'etc/os-release': 'PRETTY_NAME="Debian"\nID="debian"\nVERSION_CODENAME=trixie\n',
      'etc/apt/sources.list':
        'deb http://apt.example/debian trixie main\ndeb http://apt.example/debian-security trixie-security main',
    });
    expect(main).toBe('http://apt.example/debian');
  });

  test('no Debian', async () => {
    const main = await mainOf({
      'etc/os-release': 'ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=bookworm\n',
      'etc/apt/sources.list': 'deb http://apt.example/debian bookworm main',
    });
    expect(main).toBeUndefined();
  });

  test('nothing there at all', async () => {
    expect(await readAptMirrors(join(tmpdir(), 'no-such-root'))).toEqual({ archives: null, secretHosts: [] });
  });

  test('public mirrors are no secret', async () => {
    const { secretHosts } = await list(`deb http://ftp.de.debian.org/debian bookworm main
      deb http://security.debian.org/debian-security bookworm-security main`);
    expect(secretHosts).toEqual([]);
    const { secretHosts: secret } = await list('deb http://notdebian.org/debian bookworm main');
    expect(secret).toEqual(['notdebian.org', 'archive.example']);
  });
});

test('sources.list for containers', async () => {
  const by = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]';
  const binary = [
    `deb ${by} ${MAIN} bookworm main`,
    `deb ${by} ${MAIN} bookworm-updates main`,
    `deb ${by} ${SECURITY} bookworm-security main`,
  ];
  const mirrors = await list(`deb ${MAIN} bookworm main`);
  expect(mirrors.archives?.sourcesList).toBe(`${binary.join('\n')}\n`);
  const both = sourcesListFor({ main: MAIN, security: SECURITY }, 'trixie', true).trimEnd().split('\n');
  expect(both).toHaveLength(6);
  expect(both[5]).toBe(`deb-src ${by} ${SECURITY} trixie-security main`);
});

test('one archive without the other: neither, because security updates would be left out without a word', async () => {
  const files = { 'etc/apt/sources.list.d/security.list': '', 'etc/apt/sources.list': `deb ${MAIN} bookworm main` };
  expect(await mirrorsOf(files)).toEqual({ archives: null, secretHosts: [] });
});
