import type { Identity } from '../run/record.ts';
import { paramReasons } from './param-reasons.ts';

type Inputs = Identity['inputs'][string];

/** The step that made an input: `from(role, artifact name)`; undefined when it is not known. */
export type Origin = (role: string, name: string) => string | undefined;

/**
 * Why a step with this identity is not the one that was made last, as short phrases: `never made before`,
 * `stage version 1 -> 2`, `patch 0001-x.patch changed`, `config CONFIG_X: 12 -> 20`,
 * `input srpm kernel-1.src.rpm changed (from assemble-srpm:kernel)`. Empty when the two are equal.
 */
export function identityReasons(before: Identity | undefined, now: Identity, origin: Origin): string[] {
  if (before === undefined) return ['never made before'];
  if (before.stage !== now.stage) return [`stage ${before.stage} -> ${now.stage}`];
  const version = before.version === now.version ? [] : [`stage version ${before.version} -> ${now.version}`];
  const roles = [...new Set([...Object.keys(before.inputs), ...Object.keys(now.inputs)])].sort();
  const inputs = roles.flatMap((role) => inputReasons(role, before.inputs[role] ?? [], now.inputs[role] ?? [], origin));
  return [...version, ...paramReasons(before.params, now.params), ...inputs];
}

function inputReasons(role: string, before: Inputs, now: Inputs, origin: Origin): string[] {
  const made = (name: string) => {
    const step = origin(role, name);
    return step === undefined ? '' : ` (from ${step})`;
  };
  const added = now.filter(({ name }) => !before.some((old) => old.name === name));
  const removed = before.filter(({ name }) => !now.some((current) => current.name === name));
  const [newcomer] = added;
  const [leaver] = removed;
  const named =
    newcomer !== undefined && leaver !== undefined && added.length === 1 && removed.length === 1
      ? [`input ${role} ${leaver.name} -> ${newcomer.name}${made(newcomer.name)}`]
      : [
          ...removed.map(({ name }) => `input ${role} ${name} removed`),
          ...added.map(({ name }) => `input ${role} ${name} added${made(name)}`),
        ];
  const changed = now
    .filter(({ name, digest }) => before.some((old) => old.name === name && old.digest !== digest))
    .map(({ name }) => `input ${role} ${name} changed${made(name)}`);
  const reasons = [...named, ...changed];
  const moved = before.length === now.length && now.some(({ name }, index) => before[index]?.name !== name);
  return reasons.length === 0 && moved ? [`order of the ${role} inputs changed`] : reasons;
}
