import { readdir } from 'node:fs/promises';
import { hrefOf, isPublicName } from './request-path.ts';

/** A page with the names in a directory, directories first. */
export async function listingOf(path: string, segments: readonly string[]): Promise<string> {
  const entries = (await readdir(path, { withFileTypes: true }))
    .filter(({ name }) => isPublicName(name))
    .map((entry) => ({ name: entry.name, slash: entry.isDirectory() ? '/' : '' }))
    .sort((a, b) => b.slash.localeCompare(a.slash) || (a.name < b.name ? -1 : 1));
  const title = escape(`/${segments.join('/')}`);
  const up = segments.length > 0 ? ['<li><a href="../">../</a>'] : [];
  const items = entries.map(
    ({ name, slash }) => `<li><a href="${escape(hrefOf([...segments, name]))}${slash}">${escape(name)}${slash}</a>`,
  );
  return [
    '<!doctype html>',
    `<html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>`,
    '<ul>',
    ...up,
    ...items,
    '</ul></html>',
    '',
  ].join('\n');
}

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`);
