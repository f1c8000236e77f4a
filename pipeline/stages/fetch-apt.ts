import { asSha256, type SourceInfo } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';
import { copiedFile } from './fetch-apt-copy.ts';
import { runScript } from './script-run.ts';
import type { Stage } from './stage.ts';

/**
 * Fetches one file of a Debian package inside the Debian base image: apt there verifies the archive's signed index with
 * the keyring of that image, and the index names the file's digest. Which mirror served it does not matter and is not
 * recorded. What is locked may also be a copy that the user has: then its digest is the lock's.
 */
export const fetchApt: Stage<'fetch-apt'> = {
  name: 'fetch-apt',
  version: 1,
  weight: 'light',
  async run(context) {
    const { step, inputs, tools, offline } = context;
    const { apt, package: name, file, version, sha256, scripts } = step.params;
    const source = `${name}${version === null ? '' : ` ${version}`}`;
    const copied = await copiedFile(context);
    if (copied !== undefined) return copied;
    if (offline) throw new FactoryError({ kind: 'Offline', step: step.id, what: `apt package ${source}` });
    const { archives } = await tools.host.aptMirrors();
    let offered: string | null = null;
    const result = await runScript(
      context,
      {
        image: inputs.base,
        script: 'fetch-apt.sh',
        scripts,
        user: 'root',
        network: 'bridge',
        writableRoot: 'apt keeps its lists and caches in it',
        env: {
          APT_KIND: apt,
          APT_PACKAGE: name,
          ...(version === null ? {} : { APT_VERSION: version }),
          ...(file === null ? {} : { APT_FILE: file }),
        },
        files:
          archives === null ? [] : [{ path: 'in/sources.list', mode: 0o644, bytes: Buffer.from(archives.sourcesList) }],
        idleSeconds: 300,
      },
      {
        onLine: (line) => (offered = /^@@factory offered=(\S+)$/.exec(line)?.[1] ?? offered),
        explain: (error) => {
          if (error === undefined) return undefined;
          if (version === null || !/^apt-(version-gone|no-package)$/.test(error.code))
            return { kind: 'AptFailed', source, code: error.code, detail: error.detail };
          const packages = [{ name, locked: version, offered }];
          return { kind: 'LockedVersionGone', what: step.id.replace(/^[^:]*:/, ''), packages };
        },
      },
    );
    const infoFile = result.files.get('info.json');
    const info = infoFile && parseInfo((await tools.store.read(infoFile.digest)).toString('utf8'));
    const fetched = info && result.files.get(info.file);
    if (infoFile === undefined || info === undefined || fetched === undefined)
      throw new FactoryError({
        kind: 'ReceiptMismatch',
        step: step.id,
        detail: 'fetch-apt.sh left no file or no info.json',
      });
    if (info.sha256 !== fetched.digest || (sha256 !== null && sha256 !== fetched.digest))
      throw new FactoryError({
        kind: 'ChecksumMismatch',
        source,
        want: sha256 ?? info.sha256,
        got: fetched.digest,
        mirror: 'apt',
      });
    return {
      outputs: [
        { kind: 'source', name: info.file, ...fetched },
        { kind: 'source-info', name: 'info.json', ...infoFile },
      ],
      facts: {
        trust: 'apt signed index',
        package: info.package,
        version: info.version,
        upstreamVersion: info.upstreamVersion,
        file: info.file,
      },
    };
  },
};

/** Reads info.json of fetch-apt.sh. Throws a TypeError when a field is missing or of the wrong type. */
export function parseInfo(text: string): SourceInfo {
  const raw = JSON.parse(text) as Partial<Record<keyof SourceInfo, unknown>>;
  const word = (key: keyof SourceInfo): string => {
    const value = raw[key];
    if (typeof value !== 'string' || value === '') throw new TypeError(`info.json: ${key} is missing`);
    return value;
  };
  if (typeof raw.size !== 'number') throw new TypeError('info.json: size is missing');
  return {
    package: word('package'),
    version: word('version'),
    upstreamVersion: word('upstreamVersion'),
    file: word('file'),
    sha256: asSha256(word('sha256')),
    size: raw.size,
  };
}
