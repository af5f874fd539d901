/** The look of a report: quiet, hairlines in place of boxes, light and dark from the same names, and paper. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --page: light-dark(#fff, #16181b); --ink: light-dark(#1b1d20, #e6e7e9); --soft: light-dark(#565b62, #a6abb2);
  --line: light-dark(#d8dbdf, #34383d); --rule: light-dark(#1b1d20, #c9ccd1);
  --warn: light-dark(#7a4a00, #f0c070); --warn-soft: light-dark(#fdf3df, #2d2517);
  --series-1: light-dark(#0b6e8f, #5fc0e0); --series-2: light-dark(#b3541e, #f0a069); --series-3: light-dark(#5b4a9c, #b3a4f0);
  --series-4: light-dark(#3d7a2f, #8fcf7f); --series-5: light-dark(#a0336b, #ec8fbf); --series-6: light-dark(#6b6256, #c4b9a8);
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 64rem; padding: 3rem 1.5rem 4rem; background: var(--page); color: var(--ink);
  font: 15px/1.5 "Inter Variable", Inter, system-ui, "Segoe UI", "Helvetica Neue", Arial, "Noto Sans CJK SC", sans-serif; }
header { border-bottom: 2px solid var(--rule); padding-bottom: 1rem; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.01em; }
header p { margin: .125rem 0; color: var(--soft); overflow-wrap: anywhere; }
nav { margin: 1.25rem 0 0; } nav ol { columns: 2; column-gap: 2rem; margin: 0; padding-left: 1.5rem; }
nav li { padding-left: .25rem; } nav a { color: inherit; text-decoration-color: var(--line); text-underline-offset: 3px; }
nav a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--series-1); outline-offset: 2px; }
h2 { font-size: 1.3rem; margin: 3rem 0 .75rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 2rem 0 .5rem; }
p { margin: .5rem 0; max-width: 46rem; } main > section > p { text-wrap: pretty; }
.warning { padding: .5rem .75rem; background: var(--warn-soft); color: var(--warn); border-left: 3px solid currentColor; }
.missing { color: var(--soft); } .missing code { color: var(--ink); }
code { font: .9em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.table { margin: 1.5rem 0; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; border-top: 1.5px solid var(--rule); border-bottom: 1.5px solid var(--rule); font-size: .875rem; line-height: 1.35; font-variant-numeric: tabular-nums; }
caption { caption-side: top; text-align: left; padding: 0 0 .4rem; font-size: .9375rem; text-wrap: pretty; }
th, td { padding: .28rem .7rem; text-align: left; vertical-align: top; } th:first-child, td:first-child { padding-left: .25rem; } th:last-child, td:last-child { padding-right: .25rem; }
thead th { border-bottom: 1px solid var(--rule); font-weight: 600; vertical-align: bottom; } tbody th { font-weight: 400; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
.n { text-align: right; white-space: nowrap; } .unbroken { white-space: nowrap; } .wide { min-width: 9rem; overflow-wrap: anywhere; }
.interval { color: var(--soft); font-size: .92em; } .none { color: var(--soft); }
.shaded td { text-align: center; min-width: 2.2rem; }
.note { color: var(--soft); font-size: .8125rem; line-height: 1.45; } p.note { margin: .4rem 0 0; max-width: 56rem; }
.files { white-space: nowrap; font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .92em; }
.figures { columns: 2 22rem; column-gap: 2.25rem; margin: 1.5rem 0; }
figure { margin: 0; padding-bottom: 1.5rem; break-inside: avoid; } figure > svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { font-size: 11px; fill: var(--ink); font-variant-numeric: tabular-nums; paint-order: stroke; stroke: var(--page); stroke-width: 3px; stroke-linejoin: round; } svg .soft { fill: var(--soft); }
svg .grid { stroke: var(--line); stroke-width: 1; } svg .axis { stroke: var(--soft); stroke-width: 1; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .15rem 1rem; margin: .25rem 0 0; padding: 0; font-size: .8125rem; color: var(--soft); }
.legend svg { width: 16px; height: 10px; margin-right: .4rem; }
figcaption { margin-top: .5rem; font-size: .9375rem; text-wrap: pretty; }
@page { size: A4; margin: 18mm 16mm 20mm; @bottom-center { content: counter(page); font: 9pt system-ui, sans-serif; color: #555; } }
@media print {
  :root { color-scheme: light; }
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 1.42; }
  h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 20pt; } h3 { font-size: 10.5pt; margin-top: 12pt; }
  h2, h3 { break-after: avoid; } p { orphans: 3; widows: 3; max-width: none; }
  .figures { columns: 2; column-gap: 16pt; margin: 12pt 0; } figure { padding-bottom: 12pt; }
  .table { margin: 12pt 0; } .scroll { overflow: visible; } table { font-size: 8pt; line-height: 1.3; } caption, figcaption { font-size: 9pt; }
  caption { break-after: avoid; } thead { display: table-header-group; } tr, .whole { break-inside: avoid; }
  tbody tr:nth-child(-n + 3) { break-after: avoid; } tbody tr:nth-last-child(-n + 3) { break-before: avoid; } .table > .note { break-before: avoid; }
  th, td { padding: 1.6pt 4pt; } .wide { min-width: 28mm; } .note, .legend { font-size: 7.5pt; }
  .shaded td, .legend svg, svg rect, .warning { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  nav a { text-decoration: none; }
}
`
