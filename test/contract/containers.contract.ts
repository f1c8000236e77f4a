import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Containers, RegistryLogin } from '../../pipeline/tools/tools.ts';
import { imagesContract } from './images.part.ts';
import type { ContractProgram } from './programs.ts';
import { outputsContract } from './outputs.part.ts';
import { isolationContract } from './isolation.part.ts';
import { registriesContract } from './registries.part.ts';
import { runsContract } from './runs.part.ts';
import { stopsContract } from './stops.part.ts';

/** What the suite needs to know about the implementation under test. */
export interface ContainersHarness {
  readonly containers: Containers;
  /** The same engine and owner, another run. */
  another(runId: string): Containers;
  /** An image and a command in it that behave like the program. */
  prepare(program: ContractProgram): { readonly image: string; readonly command: readonly string[] };
  /** Removes the container of a step behind the implementation's back. */
  removeBehind(step: string): Promise<void>;
  /** Removes an image with its tags. */
  readonly removeImage: (id: string) => Promise<void>;
  /** Whether an image's id is the digest of its configuration (the fake counts). */
  readonly idsAreDigests: boolean;
  /** Labels of the owner's containers that exist now. */
  left(): Promise<readonly Readonly<Record<string, string>>[]>;
  /** Names of the volumes of the owner that should have gone with their container. */
  leftVolumes(): Promise<readonly string[]>;
  /** A root file system to import; it has the file /etc/tiny-release with the line "tiny". */
  rootfs(): Promise<Readable>;
  /** A registry that wants a login. */
  readonly registry: { readonly host: string; readonly login: RegistryLogin };
  /** A tag for an image of this test run. */
  readonly tag: (name: string) => string;
  close(): Promise<void>;
}

/** Everything that stages rely on, the same for the fake and for a real engine. */
export function containersContract(name: string, makeHarness: () => Promise<ContainersHarness>): void {
  describe(`containers: ${name}`, () => {
    let harness: ContainersHarness | undefined;
    const get = (): ContainersHarness => {
      if (harness === undefined) throw new Error('the harness is not there yet');
      return harness;
    };
    beforeAll(async () => {
      harness = await makeHarness();
    });
    afterAll(() => harness?.close());

    it('tells what the engine is', async () => {
      const info = await get().containers.info();
      expect(info.os).toBe('linux');
      expect(info.cpus).toBeGreaterThan(0);
    });
    runsContract(get);
    outputsContract(get);
    isolationContract(get);
    stopsContract(get);
    imagesContract(get);
    registriesContract(get);
  });
}
