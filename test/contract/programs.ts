import { setTimeout as delay } from 'node:timers/promises';
import type { Program, ProgramContext } from '../helpers/fake-containers.ts';

/** One behaviour, said twice: as a shell command for a real container and as a function for the fake. */
export interface ContractProgram {
  readonly shell: string;
  readonly fake: Program;
}

/** Sleeps until it is killed. */
async function forever({ signal }: ProgramContext): Promise<number> {
  await delay(60_000, undefined, { signal }).catch(() => undefined);
  return 137;
}

const STAYS = 'sleep 60 & wait';

export const programs = {
  manyLines: {
    shell: 'seq 1 100000',
    fake: ({ write }) => {
      for (let line = 1; line <= 100_000; line++) write(String(line));
      return 0;
    },
  },
  lastWords: {
    shell: "echo first; echo aside >&2; printf 'last'",
    fake: ({ write, raw }) => {
      write('first');
      write('aside', 'stderr');
      raw('last');
      return 0;
    },
  },
  oddLines: {
    shell:
      "printf '10%%\\r20%%\\r\\n\\n\\303\\244'; sleep 0.05; printf '\\303'; sleep 0.05; printf '\\244\\n'; head -c 70000 /dev/zero | tr '\\0' x",
    fake: ({ raw }) => {
      raw(Buffer.from([...Buffer.from('10%\r20%\r\n\nä'), 0xc3]));
      raw(Buffer.from([0xa4, 0x0a]));
      raw('x'.repeat(70_000));
      return 0;
    },
  },
  fails: {
    shell: 'seq 1 50; exit 7',
    fake: ({ write }) => {
      for (let line = 1; line <= 50; line++) write(String(line));
      return 7;
    },
  },
  showsInputs: {
    shell:
      "cd /; for f in in/a.txt in/deep/er/b.bin; do stat -c '%n %u %a %s' $f; done; sha256sum in/deep/er/b.bin; cat in/a.txt; echo $GREETING",
    fake: async ({ files, write, raw, env }) => {
      const { createHash } = await import('node:crypto');
      for (const path of ['in/a.txt', 'in/deep/er/b.bin']) {
        const file = files.get(path)!;
        write(`${path} ${file.uid} ${file.mode.toString(8)} ${file.bytes.length}`);
      }
      write(`${createHash('sha256').update(files.get('in/deep/er/b.bin')!.bytes).digest('hex')}  in/deep/er/b.bin`);
      raw(files.get('in/a.txt')!.bytes);
      write(env.GREETING ?? '');
      return 0;
    },
  },
  makesOutputs: {
    shell: 'cd /out; mkdir -p sub/empty; echo one > a.txt; head -c 3000000 /dev/zero > sub/b.bin; : > none',
    fake: ({ output }) => {
      output('a.txt', 'one\n');
      output('sub/b.bin', Buffer.alloc(3_000_000));
      output('none', '');
      return 0;
    },
  },
  makesSymlink: {
    shell: 'ln -s /etc/passwd /out/link',
    fake: ({ output }) => {
      output('link', '/etc/passwd', 'symlink');
      return 0;
    },
  },
  makesFifo: {
    shell: 'mkfifo /out/pipe',
    fake: ({ output }) => {
      output('pipe', '', 'fifo');
      return 0;
    },
  },
  failsWithOutputs: {
    shell: 'echo half > /out/a.txt; exit 1',
    fake: ({ output }) => {
      output('a.txt', 'half\n');
      return 1;
    },
  },
  stays: {
    shell: `echo started; ${STAYS}`,
    fake: async (context) => {
      context.write('started');
      return forever(context);
    },
  },
  readsStdin: {
    shell: 'cat; echo; echo end',
    fake: ({ stdin, raw, write }) => {
      raw(stdin);
      write('');
      write('end');
      return 0;
    },
  },
  triesToWrite: {
    // Over directories as root, where nothing but a read-only file system stands in the way.
    shell: 'for dir in $DIRS; do if (: >"$dir/file") 2>/dev/null; then echo "$dir"; fi; done; cat /in/a.txt',
    fake: ({ env, files, canWrite, write, raw }) => {
      for (const dir of (env.DIRS ?? '').split(' ')) if (canWrite(dir)) write(dir);
      raw(files.get('in/a.txt')?.bytes ?? '');
      return 0;
    },
  },
  startsProcesses: {
    // Many shells at once: one alone waits 15 seconds before it gives up.
    shell: 'for a in $(seq 40); do (for b in $(seq 60); do sleep 60 & done; wait) & done; wait',
    fake: ({ startProcesses }) => (startProcesses(2400) ? 0 : 254),
  },
  eatsMemory: {
    shell: 'dd if=/dev/zero of=/dev/null bs=100000000 count=1 2>/dev/null && echo done',
    fake: ({ takeMemory, write }) => {
      if (!takeMemory(100_000_000)) return 137;
      write('done');
      return 0;
    },
  },
  readsRandom: {
    shell: "id -u; stat -c '%t:%T' /dev/random; head -c $BYTES /dev/random | wc -c",
    fake: ({ spec, env, nodes, write }) => {
      write(spec.user === 'builder' ? '1000' : '0');
      write(nodes.get('/dev/random') ?? 'none');
      write(env['BYTES'] ?? '');
      return 0;
    },
  },
} satisfies Record<string, ContractProgram>;
