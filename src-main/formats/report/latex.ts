/**
 * Tables as LaTeX, with the rules of the package booktabs. What a cell says is what is printed: every character that
 * means something to TeX, or that it joins with its neighbour (dashes, quotes), is written so that it stands for itself.
 * White space of any kind is one space, as TeX has it.
 */
import { isInterval, isNumeric, numberText } from './document.ts'
import type { Column, Interval, ReportCell, ReportTable } from './document.ts'

/** Longer tables go over pages. */
const LONG = 40
/** The part of a line that columns of longer text share. */
const WIDE = 0.6

/** What stands for itself only when it is written so. */
const WRITTEN: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '&': '\\&',
  '%': '\\%',
  $: '\\$',
  '#': '\\#',
  _: '\\_',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  // Active in some languages of babel; curled, joined or taken for an argument else.
  '"': '\\symbol{34}',
  '`': '\\textasciigrave{}',
  "'": "{'}",
  '-': '{-}',
  ',': '{,}',
  '?': '{?}',
  '!': '{!}',
  '[': '{[}',
  ']': '{]}',
  '*': '{*}',
}
/** Characters that TeX refuses, with what is white anyway. */
const WHITE = /[\s\p{Cc}]+/gu

/** Text in LaTeX's text mode, such as a cell of a table. */
export const latexText = (text: string): string =>
  text
    .toWellFormed()
    .replace(WHITE, ' ')
    .trim()
    .replace(/[\\{}&%$#_~^<>|"`\]*[]|--+|''+|,,+|[?!](?=`)/g, (found) =>
      Array.from(found, (character) => WRITTEN[character] ?? character).join(''),
    )

/** A table as a file that `\input` takes in, with its caption, its label (`tab:NAME`) and its note below. */
export function tableLatex(table: ReportTable): string {
  const lines = table.rows.length > LONG ? longTable(table) : shortTable(table)
  return `${[...preamble(table), ...lines].join('\n')}\n`
}

const preamble = (table: ReportTable): string[] => [
  `% \\usepackage{booktabs${table.rows.length > LONG ? ',longtable' : ''}}`,
  ...(isPlain(table) ? [] : ['% Its letters need XeLaTeX or LuaLaTeX, and a font that has them.']),
]

const shortTable = (table: ReportTable): string[] => [
  '\\begin{table}[htbp]',
  '\\centering',
  `\\caption{${latexText(table.title)}}`,
  `\\label{tab:${table.name}}`,
  '\\small',
  `\\begin{tabular}{${alignments(table)}}`,
  '\\toprule',
  head(table),
  '\\midrule',
  ...body(table),
  '\\bottomrule',
  '\\end{tabular}',
  '',
  `\\smallskip\\parbox{\\linewidth}{\\footnotesize ${latexText(table.note)}}`,
  '\\end{table}',
]

const longTable = (table: ReportTable): string[] => [
  '{\\small',
  `\\begin{longtable}{${alignments(table)}}`,
  `\\caption{${latexText(table.title)}}\\label{tab:${table.name}}\\\\`,
  '\\toprule',
  head(table),
  '\\midrule',
  '\\endfirsthead',
  '\\toprule',
  head(table),
  '\\midrule',
  '\\endhead',
  '\\bottomrule',
  '\\endfoot',
  ...body(table),
  '\\end{longtable}',
  `\\noindent\\footnotesize ${latexText(table.note)}\\par}`,
]

function alignments(table: ReportTable): string {
  const wide = table.columns.filter((column) => column.wide === true).length
  return table.columns
    .map((column, i) => {
      if (column.wide === true) {
        return `p{${(WIDE / wide).toFixed(2)}\\linewidth}`
      }
      return isNumeric(table, i) ? 'r' : 'l'
    })
    .join('')
}

const line = (cells: readonly string[]): string => `${cells.join(' & ')} \\\\`
const head = ({ columns }: ReportTable): string => line(columns.map(({ name }) => latexText(name)))
const body = ({ columns, rows }: ReportTable): string[] =>
  rows.map((row) => line(row.map((cell, i) => cellLatex(cell, columns[i]!))))

function cellLatex(cell: ReportCell, column: Column): string {
  switch (true) {
    case cell === null:
      return '--'
    case typeof cell === 'string':
      return latexText(cell)
    case isInterval(cell):
      return intervalLatex(cell, column)
    default:
      return `$${inMaths(numberText(cell, column))}$`
  }
}

/** With one deviation where the interval reaches as far up as down, else with both. */
function intervalLatex({ value, low, high }: Interval, column: Column): string {
  const [down, up] = [value - low, high - value].map((width) => inMaths(numberText(width, column)))
  const deviation =
    down === up ? `\\pm ${up}` : `_{${signed(low - value, column)}}^{${signed(high - value, column)}}`
  return `$${inMaths(numberText(value, column))}${deviation}$`
}

const signed = (value: number, column: Column): string => {
  const text = inMaths(numberText(value, column))
  return text.startsWith('-') ? text : `+${text}`
}

/** A comma in a number is no punctuation there. */
const inMaths = (number: string): string => number.replaceAll(',', '{,}')

/** Whether all of its text is of letters that every LaTeX has. */
const isPlain = ({ title, note, columns, rows }: ReportTable): boolean =>
  [title, note, ...columns.map(({ name }) => name), ...rows.flat()].every(
    (text) => typeof text !== 'string' || !/[^\p{ASCII}\u00a0-\u024f]/u.test(text),
  )
