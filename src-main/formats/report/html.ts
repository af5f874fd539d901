/**
 * A report as one page that stands alone: no script, nothing from elsewhere, dark where the reader's system is, and with
 * page breaks for paper. Tables and figures are numbered in their order.
 */
import { inkOn, viridis } from '../../chart/colour.ts'
import { escapeHtml } from '../text/html.ts'
import { isInterval, isNumeric, numberText } from './document.ts'
import type { Block, Column, Figure, Report, ReportCell, ReportSection, ReportTable } from './document.ts'
import { element } from './figures/svg.ts'
import type { LegendEntry } from './figures/svg.ts'
import { STYLE } from './style.ts'

/** Nothing is fetched and nothing runs, whatever is written in it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'"

/** Figures that stand side by side, and so on one page of paper. */
const ABREAST = 2

/** The page, in pieces. */
export function* reportHtml(report: Report): Generator<string> {
  const numbers = { table: 0, figure: 0 }
  yield `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n<title>${escapeHtml(report.title)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n`
  yield `<header>\n<h1>${escapeHtml(report.title)}</h1>\n${report.about.map((line) => `<p>${escapeHtml(line)}</p>\n`).join('')}</header>\n`
  yield contents(report.sections)
  yield '<main>\n'
  for (const [place, section] of report.sections.entries()) {
    yield `<section aria-labelledby="${section.id}">\n<h2 id="${section.id}">${place + 1}&ensp;${escapeHtml(section.title)}</h2>\n`
    for (const group of figuresTogether(section.blocks)) {
      const written = group.map((block) => blockHtml(block, numbers))
      yield group[0]?.kind === 'figure'
        ? `<div class="figures${group.length > ABREAST ? '' : ' whole'}">\n${written.join('')}</div>\n`
        : written.join('')
    }
    yield '</section>\n'
  }
  yield '</main>\n</body>\n</html>\n'
}

const contents = (sections: readonly ReportSection[]): string =>
  `<nav aria-label="Contents">\n<ol>\n${sections.map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>\n`).join('')}</ol>\n</nav>\n`

/** Figures that follow one another stand side by side. */
function figuresTogether(blocks: readonly Block[]): Block[][] {
  const groups: Block[][] = []
  for (const block of blocks) {
    const last = groups.at(-1)
    if (last !== undefined && block.kind === 'figure' && last[0]?.kind === 'figure') {
      last.push(block)
    } else {
      groups.push([block])
    }
  }
  return groups
}

function blockHtml(block: Block, numbers: { table: number; figure: number }): string {
  switch (block.kind) {
    case 'heading':
      return `<h3>${escapeHtml(block.text)}</h3>\n`
    case 'paragraph':
      return `<p>${escapeHtml(block.text)}</p>\n`
    case 'warning':
      return `<p class="warning">${escapeHtml(block.text)}</p>\n`
    case 'missing':
      return `<p class="missing">${escapeHtml(block.text)} This does it: <code>${escapeHtml(block.command)}</code></p>\n`
    case 'table':
      return tableHtml(block.table, ++numbers.table)
    case 'figure':
      return figureHtml(block.figure, ++numbers.figure)
  }
}

function figureHtml({ title, note, svg, legend }: Figure, number: number): string {
  const keys = legend.length === 0 ? '' : `<ul class="legend">${legend.map(legendHtml).join('')}</ul>\n`
  return `<figure id="figure-${number}">\n${svg}\n${keys}<figcaption><b>Figure ${number}.</b> ${escapeHtml(title)}. <span class="note">${escapeHtml(note)}</span></figcaption>\n</figure>\n`
}

function legendHtml({ label, colour, dash, mark }: LegendEntry): string {
  const sign = {
    ring: element('circle', { cx: 8, cy: 5, r: 3.5, fill: 'none', stroke: colour, 'stroke-width': 1.25 }),
    bar: element('rect', { x: 2, y: 1, width: 12, height: 8, fill: colour }),
    line: element('line', {
      x1: 0,
      x2: 16,
      y1: 5,
      y2: 5,
      stroke: colour,
      'stroke-width': 2,
      'stroke-dasharray': dash,
    }),
  }[mark ?? 'line']
  return `<li>${element('svg', { viewBox: '0 0 16 10', 'aria-hidden': 'true' }, sign)}${escapeHtml(label)}</li>`
}

function tableHtml(table: ReportTable, number: number): string {
  const { name, title, note, columns, rows } = table
  const classes = columns.map((column, i) => classOfColumn(table, column, i))
  const classOf = (i: number): string => (classes[i] === '' ? '' : ` class="${classes[i]}"`)
  const head = columns
    .map((column, i) => `<th scope="col"${classOf(i)}>${escapeHtml(column.name)}</th>`)
    .join('')
  const lines = rows.map((row) => {
    const cells = row.map((cell, i) => {
      const text = cellHtml(cell, columns[i]!)
      if (i === 0) {
        return `<th scope="row"${classOf(i)}>${text}</th>`
      }
      return `<td${classOf(i)}${table.shaded === true ? shade(row, cell) : ''}>${text}</td>`
    })
    return `<tr>${cells.join('')}</tr>\n`
  })
  const caption = `Table ${number}. ${title}`
  return (
    `<div class="table${rows.length > WHOLE ? '' : ' whole'}" id="table-${name}">\n<div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(caption)}">\n<table${table.shaded === true ? ' class="shaded"' : ''}>\n` +
    `<caption><b>Table ${number}.</b> ${escapeHtml(title)}.</caption>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${lines.join('')}</tbody>\n</table>\n</div>\n` +
    `<p class="note">${escapeHtml(note)} <span class="files">tables/${name}.csv, .tex</span></p>\n</div>\n`
  )
}

/** Tables of at most so many rows stay on one page. */
const WHOLE = 16
/** Letters of a text that is not broken into lines. */
const UNBROKEN = 22

function classOfColumn(table: ReportTable, { wide }: Column, i: number): string {
  switch (true) {
    case wide === true:
      return 'wide'
    case isNumeric(table, i):
      return 'n'
    default: {
      const isShort = table.rows.every((row) => String(row[i] ?? '').length <= UNBROKEN)
      return isShort ? 'unbroken' : ''
    }
  }
}

function cellHtml(cell: ReportCell, column: Column): string {
  switch (true) {
    case cell === null:
      return '<span class="none">–</span>'
    case typeof cell === 'string':
      return escapeHtml(cell)
    case isInterval(cell):
      return `${figureText(cell.value, column)} <span class="interval">[${figureText(cell.low, column)}, ${figureText(cell.high, column)}]</span>`
    default:
      return figureText(cell, column)
  }
}

/** With a true minus, as wide as a plus. */
const figureText = (value: number, column: Column): string => numberText(value, column).replace('-', '−')

/** The colours of a cell by its share of its row. */
function shade(row: readonly ReportCell[], cell: ReportCell): string {
  const counts = row.filter((other) => typeof other === 'number')
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (typeof cell !== 'number' || total === 0) {
    return ''
  }
  const colour = viridis(cell / total)
  return ` style="background: rgb(${colour.join(' ')}); color: ${inkOn(colour)}"`
}
