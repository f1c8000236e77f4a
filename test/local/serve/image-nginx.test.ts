import { describe, expect, it } from 'vitest';
import { nginxFiles } from '../../../pipeline/cli/image-nginx.ts';
import { contentType } from '../../../pipeline/serve/content-type.ts';
import { isPlainHost, PLAIN_HOST } from '../../../pipeline/serve/dynamic.ts';

const files = nginxFiles('lts', 'new', ['new', 'old'], ['A'.repeat(40)]);
const locations = files.get('locations.conf') ?? '';

/** What nginx makes of a quoted word: a backslash before a backslash or a quote goes. */
const unquoted = (text: string): string => text.replaceAll(/\\(["\\])/g, '$1');

describe('what nginx is told of a published recipe', () => {
  it('the types of factory serve', () => {
    const lines = [...(files.get('types.conf') ?? '').matchAll(/^ {2}"(.+)" (\w+);$/gm)];
    expect(lines.length).toBeGreaterThan(10);
    for (const [, type, extension = ''] of lines) expect(contentType(`x.${extension}`)).toBe(type);
  });

  it('the host names that factory serve takes', () => {
    const [, pattern = ''] = /^"~\*(.+)" \$http_host;$/m.exec(files.get('hosts.conf') ?? '') ?? [];
    expect(unquoted(pattern)).toBe(PLAIN_HOST);
    for (const host of ['a', 'A.example:80', '10.0.0.1', '[fd00::1]:8080']) expect(isPlainHost(host)).toBe(true);
    for (const host of ['', 'a b', 'a"', '$host', 'a/b', '-a', 'a:', '[x]', 'a:123456'])
      expect(isPlainHost(host)).toBe(false);
  });

  it('mirror list and .repo file of the current snapshot, under the name that the client uses', () => {
    expect(locations).toContain('return 200 "$outer_scheme://$plain_host/lts/snapshots/new/\n"');
    expect(locations).toContain('mirrorlist=$outer_scheme://$plain_host/lts/mirrorlist\n');
    expect(locations).toContain(`$plain_host/lts/keys/${'A'.repeat(40)}.asc\n`);
  });

  it('pages end in a slash; the first page is that of the current snapshot', () => {
    for (const id of ['new', 'old']) expect(locations).toContain(`location = /lts/snapshots/${id} {\n  return 301`);
    expect(locations).toContain('location = / {\n  return 302 /lts/snapshots/new/;');
  });

  it('a dot in a name is a dot', () => {
    expect(nginxFiles('a.b', 'new', ['new'], []).get('locations.conf')).toContain(String.raw`location ~ ^/a\.b/`);
  });
});
