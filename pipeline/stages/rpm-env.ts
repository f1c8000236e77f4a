import type { RpmSettings } from '../plan/params.ts';

/** Settings of assemble-srpm.sh and rebuild-srpm.sh: macros one per line, switches, the one clock. */
export function rpmEnv(settings: RpmSettings): Record<string, string> {
  return {
    SOURCE_DATE_EPOCH: String(settings.epoch),
    RPM_DEFINES: Object.entries(settings.defines)
      .map(([name, value]) => `${name} ${value}`)
      .join('\n'),
    RPM_WITH: settings.with.join(' '),
  };
}
