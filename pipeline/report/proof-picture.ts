import { escapeHtml, truncate, truncateMiddle } from './escape.ts';
import type { BootEvidence } from './proof.ts';
import { proofStyle } from './proof-style.ts';
import { plural } from './units.ts';

const WIDTH = 1000;
const HEIGHT = 420;

/** Where the machines stand: x, y, width, height. */
const BOXES: Readonly<Record<string, readonly [number, number, number, number]>> = {
  client: [24, 96, 264, 92],
  director: [368, 96, 264, 92],
  backend1: [712, 40, 264, 92],
  backend2: [712, 152, 264, 92],
};
const ROLES: Readonly<Record<string, string>> = {
  client: 'client and neighbour',
  director: 'director: IPVS, keepalived',
  backend1: 'real server: nginx',
  backend2: 'real server: nginx',
};

/** Ids of checks that are about one machine alone. */
const ABOUT_A_MACHINE = /^(kernel|machine|console|modules|no-way-out)-(?<name>[a-z0-9]+)$/;

/**
 * The four machines of a boot proof, one connection before and after the director rewrote it, and whether all is well.
 * A self-contained SVG for light and dark surroundings: no scripts, no fonts, no addresses of others.
 */
export function proofPicture(evidence: BootEvidence): string {
  const failed = evidence.checks.filter(({ ok }) => !ok).map(({ id }) => id);
  const title = `Boot proof: ${plural(evidence.checks.length, 'check')}, ${failed.length} failed`;
  return [
    `<svg class="pf" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">`,
    `<style>${proofStyle}</style>`,
    `<rect class="pf-back" width="${WIDTH}" height="${HEIGHT}" rx="8"/>`,
    segment('M288 142 H368', 328, 132, 'outside'),
    segment('M632 142 H684 M684 86 V198 M684 86 H712 M684 198 H712', 658, 132, 'inside'),
    ...evidence.machines.map((machine) => box(machine, failed)),
    ...connection(evidence),
    outcome(evidence, failed),
    '</svg>',
    '',
  ].join('\n');
}

function segment(path: string, x: number, y: number, name: string): string {
  return `<path class="pf-line" d="${path}"/>${text(x, y, name, 'pf-segment', 'middle')}`;
}

function box({ name, kernel, bootSeconds }: BootEvidence['machines'][number], failed: readonly string[]): string {
  const place = BOXES[name];
  if (place === undefined) return '';
  const [x, y, width, height] = place;
  const wrong = failed.filter((id) => ABOUT_A_MACHINE.exec(id)?.groups?.name === name);
  const state = wrong.length > 0 ? 'failed' : 'ok';
  const speed = bootSeconds === null ? 'did not boot' : `booted in ${bootSeconds} s`;
  return [
    `<g><title>${escapeHtml(`${name}: ${kernel === '' ? 'no kernel spoke' : kernel}`)}</title>`,
    `<rect class="pf-box pf-${state}" x="${x}" y="${y}" width="${width}" height="${height}" rx="8"/>`,
    text(x + 14, y + 24, `${wrong.length > 0 ? '✗' : '✓'} ${name}`, 'pf-name'),
    text(x + 14, y + 43, ROLES[name] ?? '', 'pf-small'),
    text(x + 14, y + 63, truncateMiddle(kernel, 33), 'pf-code'),
    text(x + 14, y + 81, speed, 'pf-small'),
    '</g>',
  ].join('');
}

/** What stands in the packets of one connection: before the director, behind it, and what the server made of it. */
function connection({ connection: seen }: BootEvidence): string[] {
  const arrow = (from: string | null, to: string | null): string =>
    from === null || to === null ? 'not seen' : `${from} → ${to}`;
  const same = seen.logged !== null && seen.logged === seen.client;
  const verdict = same ? 'the address of the client' : 'not the address of the client';
  const option = seen.local === null || seen.client === null ? '' : `, option: ${seen.client}`;
  const rows = [
    ['outside', arrow(seen.client, seen.virtual), ''],
    ['inside', arrow(seen.local, seen.server) + option, ''],
    ['nginx logs', seen.logged ?? 'nothing', `${same ? '✓' : '✗'} ${verdict}`],
  ] as const;
  return rows.map(([label, value, remark], index) => {
    const y = 290 + index * 24;
    const mark = remark === '' ? '' : text(700, y, remark, same ? 'pf-good' : 'pf-bad');
    return text(24, y, label, 'pf-small') + text(130, y, value, 'pf-code') + mark;
  });
}

function outcome({ checks, seconds }: BootEvidence, failed: readonly string[]): string {
  const [className, words] =
    failed.length === 0 && checks.length > 0
      ? ['pf-good', `✓ ${plural(checks.length, 'check')} passed`]
      : [
          'pf-bad',
          `✗ ${failed.length} of ${plural(checks.length, 'check')} failed: ${truncate(failed.join(', '), 90)}`,
        ];
  return text(24, 386, words, className) + text(976, 386, `${seconds.all} s in all`, 'pf-small', 'end');
}

function text(x: number, y: number, content: string, className: string, anchor = 'start'): string {
  return `<text class="${className}" x="${x}" y="${y}" text-anchor="${anchor}">${escapeHtml(content)}</text>`;
}
