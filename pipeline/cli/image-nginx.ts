import { repoFileName, repoFileText } from '../rpm/repo-file.ts';
import { TYPES } from '../serve/content-type.ts';
import { PLAIN_HOST } from '../serve/dynamic.ts';

const TEXT = '"text/plain; charset=utf-8"';
/** Where the client finds this server: made of its own Host header, as `factory serve` does. */
const OUTSIDE = '$outer_scheme://$plain_host';

/**
 * What nginx has to know of one published recipe, as files for its folder `repository/` (see dockerfiles/repository/nginx.conf).
 * Only what is named there is served: the pointer and its forms, the files beside it, and `snapshots` (the current one among
 * them). `otherKeys`: fingerprints that the .repo file names beside the current key.
 */
export function nginxFiles(
  recipe: string,
  current: string,
  snapshots: readonly string[],
  otherKeys: readonly string[],
): ReadonlyMap<string, string> {
  const page = `/${recipe}/snapshots/${current}/`;
  const repo = repoFileText(recipe, `${OUTSIDE}/${recipe}`, otherKeys);
  const locations = [
    ...['/', `/${recipe}`, `/${recipe}/`].map((path) => `location = ${path} {\n  return 302 ${page};\n}`),
    ...snapshots
      .map((id) => `/${recipe}/snapshots/${id}`)
      .map((path) => `location = ${path} {\n  return 301 ${path}/;\n}`),
    made(`/${recipe}/mirrorlist`, `${OUTSIDE}${page}\n`),
    made(`/${recipe}/${repoFileName(recipe)}`, repo),
    // A name without an extension is a text: SHA256SUMS, current, RPM-GPG-KEY-factory.
    `location ~ ^/${recipe.replaceAll('.', String.raw`\.`)}/(?:.*/)?[^./]+$ {\n  default_type ${TEXT};\n  try_files $uri =404;\n}`,
    `location /${recipe}/ {\n  try_files $uri \${uri}index.html =404;\n}`,
    `location = /-/health {\n  access_log off;\n  default_type ${TEXT};\n  try_files /${recipe}/current =503;\n}`,
  ];
  return new Map([
    ['locations.conf', `${locations.join('\n')}\n`],
    ['types.conf', `types {\n${Object.entries(TYPES).map(typeLine).join('')}}\n`],
    ['hosts.conf', `"~*${PLAIN_HOST.replaceAll('\\', '\\\\')}" $http_host;\n`],
  ]);
}

/** An answer that is made for every request. */
function made(path: string, text: string): string {
  return `location = ${path} {\n  default_type ${TEXT};\n  if ($plain_host = "") {\n    return 400;\n  }\n  return 200 "${text}";\n}`;
}

function typeLine([extension, type]: readonly [string, string]): string {
  return `  "${type}" ${extension.slice(1)};\n`;
}
