/** One enabled binary archive of a host: where it is and which suites it is used for. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Architectures that it is limited to; empty: all. */
  readonly architectures: readonly string[];
  readonly withoutArchitectures: readonly string[];
  /** Key files that it is limited to, as written; null: the distribution's own. */
  readonly signedBy: string | null;
}

/** Reads the one-line format of sources.list(5). Lines that are not a `deb` entry are nobody's business here. */
export function parseSourcesList(text: string): AptSource[] {
  return text.split(/\r?\n/).flatMap((line): AptSource[] => {
    const entry = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)((?:\s+\S+)*)\s*$/.exec(line.replace(/#.*$/, ''));
    if (!entry) return [];
    const [, bracket = '', uri = '', suite = '', components = ''] = entry;
    const option = new Map(
      words(bracket).map((word): [string, string] => {
        const [, name = '', value = ''] = /^([^=]*?)\+?=(.*)$/.exec(word) ?? [];
        return [name.toLowerCase(), value];
      }),
    );
    const architectures = splitOn(option.get('arch'), ',');
    const withoutArchitectures = splitOn(option.get('arch-'), ',');
    const signedBy = option.get('signed-by') ?? null;
    return [{ uri, suites: [suite], components: words(components), architectures, withoutArchitectures, signedBy }];
  });
}

/** Reads the deb822 format of sources.list(5): enabled stanzas with type `deb`, one source per URI. */
export function parseDeb822(text: string): AptSource[] {
  const withoutComments = text
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#'))
    .join('\n');
  return withoutComments.split(/\n(?:[ \t]*\n)+/).flatMap((stanza): AptSource[] => {
    const field = fieldsOf(stanza);
    if (/^(no|false|without|off|disable|0)$/i.test(field.get('enabled') ?? 'yes')) return [];
    if (!words(field.get('types')).includes('deb')) return [];
    return words(field.get('uris')).map((uri) => ({
      uri,
      suites: words(field.get('suites')),
      components: words(field.get('components')),
      architectures: words(field.get('architectures')),
      withoutArchitectures: words(field.get('architectures-remove')),
      signedBy: field.get('signed-by') ?? null,
    }));
  });
}

function fieldsOf(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of stanza.split('\n')) {
    const start = /^([^\s:]+):(.*)$/.exec(line);
    if (start) {
      name = (start[1] ?? '').toLowerCase();
      fields.set(name, (start[2] ?? '').trim());
    } else if (/^[ \t]/.test(line)) {
      fields.set(name, `${fields.get(name) ?? ''}\n${line.trim()}`);
    }
  }
  return fields;
}

const splitOn = (text: string | undefined, separator: string | RegExp): string[] =>
  (text ?? '').split(separator).filter((word) => word !== '');
const words = (text: string | undefined): string[] => splitOn(text, /\s+/);
