/** The style of all pages: system fonts, light and dark, readable on a phone and on paper. */
export const pageStyle = `
:root { color-scheme: light dark; --text: #1d2733; --muted: #5b6672; --back: #f5f7f9; --card: #ffffff; --line: #dfe4ea;
  --accent: #2563ab; --good: #1a7f42; --bad: #b42318; --warn: #8a5a00; --goodback: #e5f4ea; --badback: #fdecea; --warnback: #fff4dc; --code: #eef1f4; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --muted: #9aa6b2; --back: #0d1117; --card: #161b22; --line: #2b333d;
  --accent: #6cb0ff; --good: #56d364; --bad: #ff8a80; --warn: #e3b341; --goodback: #12301c; --badback: #3b1513; --warnback: #332701; --code: #0d1117; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 36px 0 12px; }
h3 { font-size: 15px; margin: 24px 0 8px; overflow-wrap: anywhere; } .card > h3:first-child { margin-top: 0; }
p { margin: 8px 0; } ul { margin: 8px 0; padding-left: 22px; }
a { color: var(--accent); }
header { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: center; }
dl.meta { display: flex; flex-wrap: wrap; gap: 6px 28px; margin: 14px 0 0; }
dl.meta div { display: flex; gap: 8px; max-width: 100%; } dl.meta dt { color: var(--muted); white-space: nowrap; } dl.meta dd { margin: 0; overflow-wrap: anywhere; }
.badge { display: inline-block; padding: 1px 9px; border-radius: 999px; font-size: 13px; font-weight: 600; border: 1px solid currentColor; white-space: nowrap; }
.made, .ok { color: var(--good); background: var(--goodback); } .failed { color: var(--bad); background: var(--badback); }
.skipped, .warning { color: var(--warn); background: var(--warnback); } .cached, .info { color: var(--muted); background: transparent; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; margin: 12px 0; }
.card.failure { border-left: 4px solid var(--bad); } .card.attention { border-left: 4px solid var(--warn); }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.scroll > svg { display: block; min-width: 760px; width: 100%; }
table { border-collapse: collapse; width: 100%; } caption { text-align: left; }
th { text-align: left; color: var(--muted); font-weight: 600; font-size: 13px; white-space: nowrap; }
th, td { padding: 8px 14px; border-bottom: 1px solid var(--line); vertical-align: top; } tbody tr:last-child > * { border-bottom: 0; }
tbody th { color: inherit; font-size: inherit; font-weight: 500; white-space: normal; overflow-wrap: anywhere; min-width: 200px; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.muted { color: var(--muted); } small { font-size: 13px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 13px; }
pre { background: var(--code); border: 1px solid var(--line); border-radius: 8px; padding: 12px 14px; overflow-x: auto; margin: 8px 0; line-height: 1.45; }
p code, li code { background: var(--code); border-radius: 4px; padding: 1px 4px; overflow-wrap: anywhere; }
code.sha { display: inline-block; max-width: 13ch; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom; user-select: all; cursor: copy; }
code.sha:hover, code.sha:focus, code.sha:active { max-width: none; white-space: normal; word-break: break-all; }
.command { position: relative; } button.copy { display: none; }
.scripted button.copy { display: block; position: absolute; top: 6px; right: 6px; font: 600 12px/1 inherit; font-family: inherit; color: var(--accent); background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 6px 9px; cursor: pointer; }
.command pre { white-space: break-spaces; line-break: anywhere; } .line::before { content: "# "; color: var(--muted); } .scripted .command pre { padding-right: 84px; min-height: 46px; }
ol.steps { margin: 8px 0; padding-left: 22px; } ol.steps > li { margin: 12px 0; } ol.steps > li::marker { color: var(--muted); font-weight: 600; }
details { margin: 10px 0; } .fingerprint { overflow-wrap: anywhere; }
summary { cursor: pointer; color: var(--accent); }
@media (max-width: 640px) { main { padding: 20px 12px 48px; } th, td { padding: 7px 9px; } h1 { font-size: 22px; } .scripted .command pre { padding-top: 44px; padding-right: 14px; }
  table, tbody, tr, tbody th, td { display: block; } thead { display: none; } tr { padding: 8px 0; border-bottom: 1px solid var(--line); } tbody tr:last-child { border-bottom: 0; }
  tbody th, td { border-bottom: 0; padding: 1px 12px; min-width: 0; overflow-wrap: anywhere; } td.number { text-align: left; white-space: normal; } td:empty { display: none; }
  td[data-label]::before { content: attr(data-label) ": "; color: var(--muted); font-size: 13px; } }
@media print { body { background: #fff; } .scripted button.copy { display: none; } code.sha { max-width: none; white-space: normal; word-break: break-all; } }
`;
