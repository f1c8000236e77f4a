import type { SourceInfo } from '../plan/artifact.ts';
import { FactoryError } from '../run/failure.ts';

/** `{linux.upstreamVersion}` in a line of a spec or in the name of a source. */
export interface Template {
  readonly source: string;
  readonly field: string;
}

// Not after % or $: %{…} is RPM's and ${…} the shell's.
const TEMPLATE = /(?<![%$])\{([a-z][a-z0-9.-]*)\.([A-Za-z]+)\}/g;

/** Fields that a template may name. `version` is the distribution's own, which is seldom a legal RPM version. */
export const TEMPLATE_FIELDS = ['upstreamVersion', 'version'] as const;

/** All templates of a text in order, whether or not what they name exists. */
export function templatesIn(text: string): Template[] {
  return [...text.matchAll(TEMPLATE)].map(([, source = '', field = '']) => ({ source, field }));
}

/**
 * Fills in all templates. Throws SourceMissing for a source without info, an unknown field, and an upstream version that
 * EL6's rpm 4.8 does not allow in a version (`-`, `~`, `^`).
 */
export function expandTemplates(text: string, infos: ReadonlyMap<string, SourceInfo>): string {
  return text.replace(TEMPLATE, (whole, source: string, field: string) => {
    const info = infos.get(source);
    const missing = (detail: string) => new FactoryError({ kind: 'SourceMissing', source, detail });
    if (info === undefined) throw missing(`nothing is known about its version, which ${whole} asks for`);
    if (field === 'version') return info.version;
    if (field !== 'upstreamVersion') throw missing(`${whole}: there is no field ${field}`);
    if (/[-~^\s]/.test(info.upstreamVersion)) {
      throw missing(`its upstream version ${info.upstreamVersion} cannot be the version of an RPM`);
    }
    return info.upstreamVersion;
  });
}
