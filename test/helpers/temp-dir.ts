import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new directory, removed when the test ends. `parent`: elsewhere than in the temporary directory, for another device. */
export function tempDir(parent: string = tmpdir()): string {
  const dir = mkdtempSync(join(parent, 'factory-test-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** Like tempDir, but in memory where the system offers that: for tests that are not about the disk, but fsync a lot. */
export function memoryDir(): string {
  return existsSync('/dev/shm') ? tempDir('/dev/shm') : tempDir();
}
