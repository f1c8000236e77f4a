import { createHash } from 'node:crypto';
import { raw } from './page.ts';
import type { Html } from './page.ts';

/**
 * Copies commands: selects the text beside the button, which is something even where copying is forbidden, and copies it (the
 * old way, which works without TLS and from files too). Commands name the address that the page was read from, where that is a
 * plain one. Without it all is there to be read and selected.
 */
const SCRIPT = `
(function () {
  document.documentElement.className = 'scripted';
  var base = new URL('../..', location.href).href.replace(/[/]$/, '');
  if (/^https?:[/][/][a-z0-9.:-]+([/][A-Za-z0-9._~-]+)*$/.test(base))
    document.querySelectorAll('.base').forEach(function (one) { one.textContent = base; });
  document.addEventListener('click', function (event) {
    var button = event.target;
    if (button.className !== 'copy') return;
    var range = document.createRange();
    range.selectNodeContents(button.parentNode.querySelector('pre'));
    var selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    button.textContent = document.execCommand('copy') ? 'Copied' : 'Selected';
    setTimeout(function () { button.textContent = 'Copy'; }, 2000);
  });
})();
`;

/** The script of pages with commands. */
export const copyScript: Html = raw(`<script>${SCRIPT}</script>`);

/** What a Content-Security-Policy says to allow this script and no other one. */
export const copyScriptSource = `'sha256-${createHash('sha256').update(SCRIPT).digest('base64')}'`;
