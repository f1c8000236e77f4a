import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { failureOf } from '../../pipeline/run/failure.ts';
import { acquireLock } from '../../pipeline/tools/lock.ts';

/**
 * Does what the lines of its standard input say with the lock that its argument names: `take`, `give`, or `race <journal>
 * <rounds> <last>`: takes and gives it so many times among others, writes down when, and does not survive `last` = die.
 */
const [path = ''] = process.argv.slice(2);
const take = () => acquireLock(path, { command: 'factory build', now: new Date() });
let held: Awaited<ReturnType<typeof take>> | undefined;

process.stdout.write('ready\n');
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, journal = '', rounds = '', last] = line.split(' ');
  if (verb === 'take') {
    try {
      held = await take();
      process.stdout.write(`held tookOver=${String(held.tookOver)}\n`);
    } catch (thrown) {
      process.stdout.write(`${failureOf(thrown).kind}\n`);
    }
  } else if (verb === 'give') {
    await held?.release();
    process.stdout.write('given\n');
  } else await race(journal, Number(rounds), last === 'die');
}

async function race(journal: string, rounds: number, dies: boolean): Promise<void> {
  const note = (what: string): void => appendFileSync(journal, `${what} ${process.pid}\n`);
  for (let round = 1; round <= rounds;) {
    try {
      const lock = await take();
      note(lock.tookOver ? 'takeover' : 'enter');
      await setTimeout(1);
      if (dies && round === rounds) {
        note('die');
        process.kill(process.pid, 'SIGKILL');
      }
      note('leave');
      await lock.release();
      round += 1;
    } catch (thrown) {
      if (failureOf(thrown).kind !== 'LockHeld') throw thrown;
      await setTimeout(2);
    }
  }
  process.stdout.write('done\n');
}
