import { defineConfig } from 'vitest/config';

/**
 * unit: no engine, parallel, seconds. docker: real engine, contract suites. e2e: whole chains through the command line.
 * proof: what recipe lts publishes, broken in every way that must be noticed. hosts: the same installed on machines with boot
 * loaders, and its patches before the kernel's judges; ten minutes of all processors, so it is no part of `npm test`.
 * local: no engine, but real servers on the loopback, archives of every kind, and what stands in scripts/ run as the programs
 * that they are.
 * publish: those of e2e that are about publishing; they have nothing that others touch, and run beside them (scripts/test.sh).
 * A missing engine fails the docker and e2e projects; nothing is skipped silently.
 */
const PUBLISH = ['test/e2e/{pointer,rollback,signing}.test.ts', 'test/faults/{lock,publish-kill,store-crash}.test.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          testTimeout: 10_000,
          // One process with one module cache: starting a worker and loading everything again per file took most of the time.
          pool: 'threads',
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'docker',
          include: ['test/docker/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/faults/**/*.test.ts'],
          exclude: PUBLISH,
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'local',
          include: ['test/local/**/*.test.ts', 'test/contract/**/*.fake.test.ts'],
          testTimeout: 60_000,
          pool: 'threads',
          isolate: false,
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'publish',
          include: PUBLISH,
          testTimeout: 900_000,
          hookTimeout: 900_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'proof',
          include: ['test/proof/matrix.test.ts'],
          testTimeout: 900_000,
          // Where nobody has built recipe lts yet, it is built first.
          hookTimeout: 7_200_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'hosts',
          include: ['test/proof/install.test.ts', 'test/proof/patches/patches.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 7_200_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
