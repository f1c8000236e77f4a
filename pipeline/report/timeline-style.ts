/** Colours of the timeline; classes start with `tl-`, because inside a page the style applies to all of it. */
export const timelineStyle = `
.tl { font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; max-width: 100%; height: auto; }
.tl-back { fill: #ffffff; }
.tl-grid { stroke: #e3e7ec; }
.tl-tick { fill: #5b6672; font-size: 11px; }
.tl-label { fill: #1d2733; }
.tl-time { fill: #46515d; font-size: 11px; }
.tl-made { fill: #2c6fbb; }
.tl-failed { fill: #c4372d; }
.tl-cached { fill: #8a97a5; }
.tl-phase { stroke: #ffffff; stroke-width: 1.5; }
.tl-name { fill: #ffffff; font-size: 10px; }
@media (prefers-color-scheme: dark) {
  .tl-back { fill: #161b22; }
  .tl-grid { stroke: #2b333d; }
  .tl-tick { fill: #9aa6b2; }
  .tl-label { fill: #e6edf3; }
  .tl-time { fill: #b4bec9; }
  .tl-made { fill: #3f83d1; }
  .tl-failed { fill: #d9534a; }
  .tl-cached { fill: #7d8996; }
  .tl-phase { stroke: #161b22; }
}
`;
