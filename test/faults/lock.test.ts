import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isDead, startTicksOf, thisOwner, type LockOwner } from '../../pipeline/tools/lock-owner.ts';
import { acquireLock } from '../../pipeline/tools/lock.ts';
import { spawnScript } from '../helpers/child.ts';
import { failureOfKind } from '../helpers/failure.ts';
import { memoryDir, tempDir } from '../helpers/temp-dir.ts';

const CHILD = join(import.meta.dirname, 'lock-child.ts');
const OPTIONS = { command: 'factory build --only kernels', now: new Date('2026-11-22T12:00:00Z') };

test('a lock says who holds it, and goes away when it is given back', async () => {
  const path = join(tempDir(), 'artifacts', 'lock');
  const lock = await acquireLock(path, OPTIONS);
  expect(lock.tookOver).toBe(false);
  expect(await failureOfKind('LockHeld', acquireLock(path, OPTIONS))).toEqual({
    kind: 'LockHeld',
    path,
    pid: process.pid,
    host: hostname(),
    since: '2026-11-22T12:00:00.000Z',
    command: 'factory build --only kernels',
  });
  await lock.release();
  expect(readdirSync(join(path, '..'))).toEqual([]);
  const next = await acquireLock(path, OPTIONS);
  await lock.release();
  expect(existsSync(path), 'the second release must not give away the lock of another').toBe(true);
  await next.release();
});

test('a lock of a killed process is taken over, that of a living one is not', async () => {
  const path = join(tempDir(), 'lock');
  const child = spawnScript(CHILD, [path]);
  expect(await child.line()).toBe('ready');
  child.process.stdin.write('take\n');
  expect(await child.line()).toBe('held tookOver=false');
  expect((await failureOfKind('LockHeld', acquireLock(path, OPTIONS))).pid).toBe(child.process.pid);
  child.process.kill('SIGKILL');
  await child.ended;
  const lock = await acquireLock(path, OPTIONS);
  expect(lock.tookOver).toBe(true);
  await lock.release();
  expect(readdirSync(join(path, '..'))).toEqual([]);
});

test('a process id that came again is another process', async () => {
  const path = join(tempDir(), 'lock');
  const owner = thisOwner('factory build', new Date());
  expect(isDead(owner)).toBe(false);
  writeFileSync(path, JSON.stringify({ ...owner, startTicks: '1' }));
  expect((await acquireLock(path, OPTIONS)).tookOver).toBe(true);
});

test('nobody knows about processes of another host', async () => {
  const path = join(tempDir(), 'lock');
  writeFileSync(
    path,
    JSON.stringify({ ...thisOwner('factory build', new Date()), host: 'elsewhere', pid: 999_999_999 }),
  );
  expect((await failureOfKind('LockHeld', acquireLock(path, OPTIONS))).host).toBe('elsewhere');
});

test('a file that is no lock of ours is not taken away', async () => {
  const path = join(tempDir(), 'lock');
  writeFileSync(path, 'important');
  expect((await failureOfKind('LockHeld', acquireLock(path, OPTIONS))).command).toContain('not a lock file');
  expect(readFileSync(path, 'utf8')).toBe('important');
});

test('a takeover that died half way is taken over as well', async () => {
  const path = join(tempDir(), 'lock');
  const dead = (): LockOwner => ({ ...thisOwner('factory build', new Date()), startTicks: '1' });
  const [first, second] = [dead(), dead()];
  writeFileSync(path, JSON.stringify(first));
  writeFileSync(`${path}.${first.id}`, JSON.stringify(second));
  const lock = await acquireLock(path, OPTIONS);
  expect(lock.tookOver).toBe(true);
  await lock.release();
  expect(readdirSync(join(path, '..'))).toEqual([]);
});

test('somebody alive who is just taking over counts as the holder', async () => {
  const path = join(tempDir(), 'lock');
  const dead = { ...thisOwner('dead', new Date()), startTicks: '1' };
  writeFileSync(path, JSON.stringify(dead));
  writeFileSync(`${path}.${dead.id}`, JSON.stringify(thisOwner('alive', new Date())));
  expect((await failureOfKind('LockHeld', acquireLock(path, OPTIONS))).command).toBe('alive');
});

test('a zombie is dead', async () => {
  // What the shell becomes does not wait for its child, which is a zombie from when it ends until that ends too. The shell
  // itself would take away a child that ends while it still stands between two commands.
  const path = join(tempDir(), 'lock');
  const child = spawnScript(CHILD, [path], ['sh', '-c', '"$@" </dev/null >/dev/null & echo $!; exec sleep 60', 'sh']);
  const pid = Number(await child.line());
  const name = `/proc/${String(child.process.pid)}/comm`;
  while (readFileSync(name, 'utf8') !== 'sleep\n') await new Promise(setImmediate);
  process.kill(pid, 'SIGKILL');
  while (startTicksOf(pid) !== undefined) await new Promise(setImmediate);
  expect(isDead({ ...thisOwner('zombie', new Date()), pid, startTicks: '5' })).toBe(true);
  expect(() => process.kill(pid, 0), 'it is still in the process table').not.toThrow();
});

test(
  'among eight processes, some of which die holding it, exactly one holds it at a time',
  { timeout: 60_000 },
  async () => {
    const dir = memoryDir();
    const [path, journal] = [join(dir, 'lock'), join(dir, 'journal')];
    writeFileSync(path, JSON.stringify({ ...thisOwner('dead from the start', new Date()), startTicks: '1' }));
    const children = Array.from({ length: 8 }, () => spawnScript(CHILD, [path]));
    for (const child of children) expect(await child.line()).toBe('ready');
    for (const [index, child] of children.entries())
      child.process.stdin.end(`race ${journal} 4 ${index % 2 === 0 ? 'die' : 'live'}\n`);
    const ends = await Promise.all(children.map((child) => child.ended));
    expect(ends).toEqual(children.map((_, index) => (index % 2 === 0 ? 'SIGKILL' : 0)));

    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n');
    expect(lines).toHaveLength(8 * 4 * 2);
    let deadHolder = true;
    for (let at = 0; at < lines.length; at += 2) {
      const [how, who] = (lines[at] ?? '').split(' ');
      const [end, same] = (lines[at + 1] ?? '').split(' ');
      expect([how, same], `line ${at + 1}: ${lines.slice(at, at + 2).join(', ')}`).toEqual([
        deadHolder ? 'takeover' : 'enter',
        who,
      ]);
      deadHolder = end === 'die';
    }
  },
);
