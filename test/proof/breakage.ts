import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FACTORY_DIR } from '../../pipeline/cli/paths.ts';
import type { StepRig } from '../docker/step-rig.ts';
import { only } from '../docker/step-rig.ts';

/** The functions of break.sh: what can be wrong with a kernel's package, or with what was installed from it. */
export type Breakage = 'option-200' | 'table-12' | 'vermagic' | 'toa-not-loaded';

/** Makes a broken file of the same name out of a good .rpm or rootfs .tar. Fails when there was nothing to break. */
export async function broken(rig: StepRig, how: Breakage, name: string, good: Buffer): Promise<Buffer> {
  const script = await readFile(join(FACTORY_DIR, 'test/proof/break.sh'));
  const made = await rig.make(`bash /in/break.sh ${how} /in/${name}`, { 'in/break.sh': script, [`in/${name}`]: good });
  return only(made, name);
}
