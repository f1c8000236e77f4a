/**
 * Licence words of RPM distributions of which SPDX says exactly the same. Anything else, also "… and …" and "with
 * exceptions", stays in the distribution's own words: a guess about a licence is worse than none.
 */
const SPDX: Readonly<Record<string, string>> = {
  'Apache-2.0': 'Apache-2.0',
  'ASL 2.0': 'Apache-2.0',
  'GPL-2.0-only': 'GPL-2.0-only',
  'GPL-2.0-or-later': 'GPL-2.0-or-later',
  GPLv2: 'GPL-2.0-only',
  'GPLv2+': 'GPL-2.0-or-later',
  GPLv3: 'GPL-3.0-only',
  'GPLv3+': 'GPL-3.0-or-later',
  LGPLv2: 'LGPL-2.0-only',
  'LGPLv2+': 'LGPL-2.0-or-later',
  MIT: 'MIT',
};

/** The `licenses` of a CycloneDX component, as the package declares it. */
export function licencesOf(
  declared: string,
): readonly { license: { id: string } | { name: string; acknowledgement: 'declared' } }[] {
  if (declared === '') return [];
  const id = SPDX[declared];
  return [{ license: id === undefined ? { name: declared, acknowledgement: 'declared' } : { id } }];
}
