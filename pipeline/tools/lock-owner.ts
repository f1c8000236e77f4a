import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';
import { errorCode } from '../store/durable.ts';

const schema = z.strictObject({
  /** Names this one acquisition; process ids come again. */
  id: z.uuid(),
  pid: z.int().positive(),
  /** When the process started, in clock ticks since boot; null where there is no /proc. */
  startTicks: z.string().nullable(),
  host: z.string(),
  /** ISO 8601, UTC. */
  since: z.string(),
  command: z.string(),
});

/** Who holds a lock: the contents of a lock file. */
export type LockOwner = z.infer<typeof schema>;

/** This process as the owner of a new lock. */
export function thisOwner(command: string, now: Date): LockOwner {
  return {
    id: randomUUID(),
    pid: process.pid,
    startTicks: startTicksOf(process.pid) ?? null,
    host: hostname(),
    since: now.toISOString(),
    command,
  };
}

/** undefined for a file that no factory wrote. */
export function parseOwner(text: string): LockOwner | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Whether the owner surely runs no more. Nobody knows about other hosts, so those count as alive. */
export function isDead(owner: LockOwner): boolean {
  if (owner.host !== hostname()) return false;
  if (!exists(owner.pid)) return true;
  if (owner.startTicks === null) return false;
  const ticks = startTicksOf(owner.pid);
  // undefined: gone since the question above, or a zombie. Another number: another process got the id.
  return ticks !== owner.startTicks;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there, but somebody else's.
    return errorCode(error) !== 'ESRCH';
  }
}

/** Field 22 of /proc/<pid>/stat (proc(5)); undefined for a zombie, a dead process, or without /proc. */
export function startTicksOf(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ESRCH') return undefined;
    throw error;
  }
  // Field 2 is the program's name in parentheses and may hold anything, spaces and parentheses too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
}
