import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MARK } from '../../../pipeline/host/configure/host-file.ts';
import { writeOutput } from '../../../pipeline/host/configure/write.ts';
import { failureOfKind } from '../../helpers/failure.ts';
import { memoryDir } from '../../helpers/temp-dir.ts';

const file = (path: string, text = 'x', mode = 0o644) => ({ path, mode, text: `# ${MARK}\n${text}\n` });

describe('writing', () => {
  test('makes folders, sets modes, leaves nothing else, and changes nothing the second time', async () => {
    const dir = join(memoryDir(), 'not', 'there', 'yet');
    const files = [file('a/etc/one'), file('a/etc/two', 'secret', 0o600), file('b/run', 'x', 0o755)];
    expect(await writeOutput(dir, files, false)).toEqual({
      changed: ['a/etc/one', 'a/etc/two', 'b/run'],
      unchanged: 0,
      removed: [],
    });
    expect(readdirSync(join(dir, 'a/etc')).sort()).toEqual(['one', 'two']);
    expect([...files].map(({ path }) => statSync(join(dir, path)).mode & 0o777)).toEqual([0o644, 0o600, 0o755]);
    const before = statSync(join(dir, 'a/etc/one')).ino;
    expect(await writeOutput(dir, files, false)).toEqual({ changed: [], unchanged: 3, removed: [] });
    expect(statSync(join(dir, 'a/etc/one')).ino).toBe(before);
  });

  test('changes what differs, in text or mode, and removes what is ours and gone', async () => {
    const dir = memoryDir();
    await writeOutput(dir, [file('a'), file('b'), file('c'), file('d')], false);
    writeFileSync(join(dir, 'notes'), 'mine\n');
    const written = await writeOutput(dir, [file('a', 'y'), file('b', 'x', 0o755), file('c')], false);
    expect(written).toEqual({ changed: ['a', 'b'], unchanged: 1, removed: ['d'] });
    expect(readdirSync(dir).sort()).toEqual(['a', 'b', 'c', 'notes']);
  });

  test('refuses to overwrite what somebody else wrote, before anything is changed', async () => {
    const dir = memoryDir();
    mkdirSync(join(dir, 'h'));
    writeFileSync(join(dir, 'h/keepalived.conf'), 'mine\n');
    const files = [file('a'), file('h/keepalived.conf')];
    const failure = await failureOfKind('Usage', writeOutput(dir, files, false));
    expect(failure.message).toContain('not generated here: h/keepalived.conf');
    expect(failure.advice).toContain('--force');
    expect(existsSync(join(dir, 'a'))).toBe(false);
    expect(readFileSync(join(dir, 'h/keepalived.conf'), 'utf8')).toBe('mine\n');
    expect((await writeOutput(dir, files, true)).changed).toEqual(['a', 'h/keepalived.conf']);
  });
});
