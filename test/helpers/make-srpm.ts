import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const FIXTURE = resolve(import.meta.dirname, '../fixtures/srpm/rhel-shape');

/** What the small SRPM of RHEL 6's shape consists of, on disk. */
export interface MadeSrpm {
  /** A directory for --mirror: the signed SRPM, the package with patches and tools, both ready-patched trees. */
  readonly mirror: string;
  /** Directories that hold the SRPM alone: not signed; signed with another key. */
  readonly unsigned: string;
  readonly foreign: string;
  /** Public key files, armored, and their fingerprints (40 hex digits, upper case). */
  readonly key: string;
  readonly other: string;
  readonly fingerprint: string;
  readonly otherFingerprint: string;
}

/** Name of the SRPM in a mirror. */
export const SRPM = 'kernel-2.6.32-220.23.1.el6.src.rpm';
/** Name of the package with both patches and the tools. */
export const LVS_PACKAGE = 'Lvs-fullnat-synproxy.tar.gz';

/** Makes everything below `dir` in one container of a builder image. Takes about five seconds. */
export async function makeSrpm(image: string, dir: string): Promise<MadeSrpm> {
  await mkdir(dir, { recursive: true });
  const inside =
    'mkdir /tmp/in /tmp/out && tar -C /tmp/in -xf - && /bin/bash /tmp/in/make-srpm.sh /tmp/in /tmp/out >&2 && tar -C /tmp/out -cf - .';
  const run =
    'tar -C "$1" -cf - . | docker run --rm -i --network none "$2" /bin/bash -c "$3" | tar --no-same-owner -C "$4" -xf -';
  await promisify(execFile)('/bin/bash', ['-o', 'pipefail', '-c', run, '-', FIXTURE, image, inside, dir]);
  const text = async (name: string): Promise<string> => (await readFile(join(dir, name), 'utf8')).trim();
  return {
    mirror: join(dir, 'mirror'),
    unsigned: join(dir, 'unsigned'),
    foreign: join(dir, 'foreign'),
    key: join(dir, 'key.asc'),
    other: join(dir, 'other.asc'),
    fingerprint: await text('key.fingerprint'),
    otherFingerprint: await text('other.fingerprint'),
  };
}
