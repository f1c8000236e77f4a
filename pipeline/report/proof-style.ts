/** Colours of the picture of a boot proof; classes start with `pf-`, because inside a page the style applies to all of it. */
export const proofStyle = `
.pf { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; max-width: 100%; height: auto; }
.pf text { fill: #1d2733; }
.pf-back { fill: #ffffff; }
.pf-box { fill: #f5f7f9; stroke-width: 1.5; }
.pf-box.pf-ok { stroke: #1a7f42; } .pf-box.pf-failed { stroke: #b42318; stroke-width: 2.5; }
.pf-line { stroke: #5b6672; stroke-width: 2; fill: none; }
.pf .pf-name { font-size: 15px; font-weight: 600; }
.pf .pf-small, .pf .pf-segment { fill: #5b6672; font-size: 12px; }
.pf .pf-code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12px; }
.pf .pf-good { fill: #1a7f42; font-weight: 600; } .pf .pf-bad { fill: #b42318; font-weight: 600; }
@media (prefers-color-scheme: dark) {
  .pf text { fill: #e6edf3; }
  .pf-back { fill: #161b22; }
  .pf-box { fill: #0d1117; }
  .pf-box.pf-ok { stroke: #56d364; } .pf-box.pf-failed { stroke: #ff8a80; }
  .pf-line { stroke: #9aa6b2; }
  .pf .pf-small, .pf .pf-segment { fill: #9aa6b2; }
  .pf .pf-good { fill: #56d364; } .pf .pf-bad { fill: #ff8a80; }
}
`;
