import type { UnpackLimits } from '../plan/params.ts';
import type { Failure } from '../run/failure.ts';

/** Limits as the settings that lib-archive.sh takes; nothing when no archive is read. */
export function unpackEnv(limits: UnpackLimits | null): Record<string, string> {
  if (limits === null) return {};
  return {
    UNPACK_MEMBERS: String(limits.members),
    UNPACK_BYTES: String(limits.bytes),
    UNPACK_PATH_BYTES: String(limits.pathBytes),
    UNPACK_RATIO: String(limits.ratio),
  };
}

/** What check-archive.pl says of a member that it does not let through; undefined for any other error of a script. */
export function refusedArchive({ code, detail }: { code: string; detail: string }): Failure | undefined {
  const [archive, reason, ...member] = detail.split(' | ');
  if (code !== 'archive-refused' || archive === undefined || reason === undefined) return undefined;
  return { kind: 'HostileArchive', archive, member: member.join(' | '), reason };
}
