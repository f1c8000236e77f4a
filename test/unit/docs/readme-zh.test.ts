import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const CHINESE = 'README.zh-CN.md';
const DOCS = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const ENGLISH = ['README.md', ...DOCS.map((name) => `docs/${name}`)];

const FENCE = /^```.*\n([\s\S]*?)^```$/gm;
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const prose = (text: string): string => text.replace(FENCE, '');

/** Lines of fenced blocks without their comments, which are translated; the rest has to be the same byte for byte. */
function commandLines(text: string): string[] {
  const lines = [...text.matchAll(FENCE)].flatMap(([, block = '']) => block.split('\n'));
  return lines.map((line) => line.replace(/(^|\s+)#\s.*$/, '')).filter((line) => line.trim() !== '');
}

/** Code in the running text, whose line breaks mean nothing. */
function codeSpans(text: string): string[] {
  return [...prose(text).matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replace(/\s+/g, ' '));
}

/** `code` or `code kind` of the rows of exit codes: the tables' rows that begin with a number. */
function exitCodes(text: string): string[] {
  const rows = [...prose(text).matchAll(/^\| (\d[\d, –]*?) *\|(?: *(`\w+`)? *\|)?/gm)];
  return rows.map(([, code = '', kind = '']) => `${code} ${kind}`.trim());
}

/** Targets of links that are neither addresses nor places on the same page, without the place on the page. */
function linkedFiles(text: string): string[] {
  const targets = [
    ...prose(text)
      .replace(/`[^`]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ];
  return targets.map(([, target = '']) => target.replace(/#.*$/, '')).filter((file) => !/^$|^\w+:/.test(file));
}

describe('the Chinese page says what the English ones say', () => {
  const chinese = read(CHINESE);
  const english = ENGLISH.map(read);

  it('has their commands, byte for byte', () => {
    const known = new Set(english.flatMap(commandLines));
    const commands = commandLines(chinese);
    expect(commands).toContain('npm run demo');
    expect(commands).toContain('sh /var/lib/fullnat-factory/install/install.sh verify');
    expect(commands.filter((line) => !known.has(line))).toEqual([]);
  });

  it('has all commands of the installation page, which it translates as a whole', () => {
    const told = new Set(commandLines(chinese));
    expect(commandLines(read('docs/install.md')).filter((line) => !told.has(line))).toEqual([]);
  });

  it('names only files, options and commands that they name', () => {
    const known = english.join('\n').replace(/\s+/g, ' ');
    const spans = codeSpans(chinese);
    expect(spans).toContain('--accept-older');
    expect(spans.filter((code) => !known.includes(code))).toEqual([]);
  });

  it('has every exit code of the factory and of install.sh', () => {
    const codes = exitCodes(chinese);
    expect(codes).toContain('42 `running`');
    expect(codes).toEqual([...exitCodes(read('README.md')), ...exitCodes(read('docs/install.md'))]);
  });
});

describe('relative links', () => {
  it.each([CHINESE, ...ENGLISH])('of %s point at files that exist', (file) => {
    const links = linkedFiles(read(file));
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(file), link)))).toEqual([]);
  });

  it('lead from each language to the other', () => {
    expect(linkedFiles(read('README.md'))).toContain(CHINESE);
    expect(linkedFiles(read(CHINESE))).toContain('README.md');
  });
});
