import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { tempDir } from '../helpers/temp-dir.ts';

const SCRIPT = resolve(import.meta.dirname, '../../pipeline/host/configure/director.sh');

/** Runs shell lines as root of a network of their own (lo only); $D is the script, LIPs and VIPs are both on lo there. */
function inNetwork(lines: string, lips = '10.0.2.64 10.0.2.65'): { text: string; state: string } {
  const dir = tempDir();
  const state = join(dir, 'state');
  mkdirSync(join(dir, 'etc'));
  cpSync(SCRIPT, join(dir, 'etc/director'));
  writeFileSync(
    join(dir, 'etc/director.conf'),
    `INNER=lo\nLIPS='${lips}'\nMODULES=''\nOFFLOADS_OFF=''\nSTATE=${state}\n`,
  );
  writeFileSync(
    join(dir, 'etc/vips'),
    '# generated\nhttp 203.0.113.1\nhttp 203.0.113.2\nhttps 203.0.113.1\nmail 203.0.113.3\n',
  );
  writeFileSync(join(dir, 'etc/sysctl.conf'), 'net.ipv4.conf.all.arp_ignore = 1\n');
  const head = `set -eu; export LC_ALL=C; D='sh ${dir}/etc/director'; E=${dir}/etc; ip link set lo up
    addresses() { echo $(ip -4 -o addr show dev lo | awk '{ print $4 }' | grep -v '^127' | sort); }\n`;
  const text = execFileSync('unshare', ['-rn', 'sh', '-c', head + lines], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { text: text.trim(), state };
}

const LIPS = '10.0.2.64/32 10.0.2.65/32';

test('boot applies the settings, takes VIPs away and puts the LIPs there', () => {
  const { text } = inNetwork(
    'ip addr add 203.0.113.2/32 dev lo; $D boot; addresses; cat /proc/sys/net/ipv4/conf/all/arp_ignore; $D status',
  );
  expect(text.split('\n')).toEqual([LIPS, '1', 'VIP 203.0.113.1 down', 'VIP 203.0.113.2 down', 'VIP 203.0.113.3 down']);
});

test('a VIP of two services goes away with the last of them; up makes sure of the LIPs', () => {
  const { text } = inNetwork(
    '$D up http; $D up https; addresses; $D down http; addresses; $D down http; addresses; $D down https; addresses',
  );
  expect(text.split('\n')).toEqual([
    `${LIPS} 203.0.113.1/32 203.0.113.2/32`,
    `${LIPS} 203.0.113.1/32`,
    `${LIPS} 203.0.113.1/32`,
    LIPS,
  ]);
});

test('what a reload took out of the table goes away all the same', () => {
  const { text } = inNetwork('$D up http; $D up mail; sed -i /http/d $E/vips; $D down http; addresses');
  expect(text).toBe(`${LIPS} 203.0.113.3/32`);
  expect(inNetwork('$D up http; : >$E/vips; $D reset; addresses').text).toBe(LIPS);
});

test('many calls at once end as the last word of each service says', () => {
  const { text, state } = inNetwork(
    'for i in 1 2 3 4 5 6; do $D up http & $D up https & $D up mail & done; wait; $D down mail; addresses',
  );
  expect(text).toBe(`${LIPS} 203.0.113.1/32 203.0.113.2/32`);
  expect(readFileSync(join(state, '203.0.113.1/https'), 'utf8')).toBe('');
});

test('keepalived, which ends its scripts when it stops, leaves no VIP behind', () => {
  const { text, state } = inNetwork(
    `$D up mail; addresses; exec 8>$E/../state/lock; flock 8
    setsid $D down mail 8>&- & pid=$!; until pgrep -s $pid -x flock >/dev/null; do :; done
    pkill -TERM -s $pid; flock -u 8; wait $pid; addresses`,
  );
  expect(text.split('\n')).toEqual([`${LIPS} 203.0.113.3/32`, LIPS]);
  expect(readdirSync(state)).toEqual(['lock']);
});

test('no VIP without the LIPs, and wrong calls do nothing', () => {
  const { text } = inNetwork('if $D up http; then echo went well; fi; addresses', 'nonsense');
  expect(text).toBe('');
  const wrong = '$D || echo $?; $D up || echo $?; $D up a b || echo $?; $D fly || echo $?; addresses';
  expect(inNetwork(wrong).text.split('\n')).toEqual(['2', '2', '2', '2']);
});
