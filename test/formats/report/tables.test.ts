/** Tables of a report as files, read again by what is not ours: a CSV parser, a small TeX of this test's own, and pdflatex. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { tableCsv } from '../../../src-main/formats/report/csv.ts'
import type { ReportTable } from '../../../src-main/formats/report/document.ts'
import { latexText, tableLatex } from '../../../src-main/formats/report/latex.ts'
import { isGuarded } from '../../../src-main/formats/text/csv.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.stringMatching(/^[&%$#_{}~^\\"'`<>|,?!*[\]\-\n\r\t =@+]*$/),
  fc.constantFrom(
    '一只狗在跑',
    '50% of $5 & #1 {a_b}',
    'two\nlines',
    '\\input{/etc/passwd}',
    '^^41',
    '=1+1',
    '--- ?`',
    "a''b",
  ),
)

const table = (rows: ReportTable['rows'], more: Partial<ReportTable> = {}): ReportTable => ({
  name: 'a-table',
  title: 'Title',
  note: 'Note',
  columns: [{ name: 'text' }, { name: 'score', digits: 3, interval: true }],
  rows,
  ...more,
})

it('are CSV that says any text as it is, and intervals in columns of their own', () => {
  fc.assert(
    fc.property(anyText, fc.double({ noNaN: true, noDefaultInfinity: true }), (text, value) => {
      const written = [...tableCsv(table([[text, { value, low: value - 1, high: value + 1 }]]))].join('')
      const [head, [cell = '', ...figures] = []] = parse(written, { relax_column_count: true }) as string[][]
      expect(head).toEqual(['text', 'score', 'score low', 'score high'])
      expect(isGuarded(cell) ? cell.slice(1) : cell).toBe(text)
      expect(figures.map(Number)).toEqual([value, value - 1, value + 1].map((figure) => figure + 0))
    }),
  )
})

/** What TeX prints of a text in which nothing but letters and these commands stands; throws for anything else. */
function printed(latex: string): string {
  const commands: Record<string, string> = {
    'textbackslash{}': '\\',
    'textasciitilde{}': '~',
    'textasciicircum{}': '^',
    'textasciigrave{}': '`',
    'textless{}': '<',
    'textgreater{}': '>',
    'textbar{}': '|',
    'symbol{34}': '"',
  }
  let text = ''
  for (let i = 0; i < latex.length; i++) {
    const character = latex[i]!
    if (character === '\\') {
      const command = /^(?:[a-z]+\{\d*\}|[&%$#_{}])/.exec(latex.slice(i + 1))?.[0]
      if (command === undefined || (command.length > 1 && commands[command] === undefined)) {
        throw new Error(`an unknown command at ${i} of ${latex}`)
      }
      text += commands[command] ?? command
      i += command.length
    } else if (character === '{' && latex[i + 2] === '}') {
      text += latex[i + 1]
      i += 2
    } else if (/[&%$#_~^{}"`<>|*[\]]/.test(character) || /^(?:--|''|,,|[?!]`)/.test(latex.slice(i))) {
      throw new Error(`${character} is not written for itself at ${i} of ${latex}`)
    } else {
      text += character
    }
  }
  return text
}

it('are LaTeX that prints any text as it is, but for white space, of which there is one kind', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const expected = text
        .toWellFormed()
        .replace(/[\s\p{Cc}]+/gu, ' ')
        .trim()
      expect(printed(latexText(text))).toBe(expected)
    }),
    { numRuns: 1000 },
  )
})

it('are LaTeX with intervals as they are: one deviation where both sides are as far', () => {
  const latex = tableLatex(
    table([
      ['even', { value: 0.5, low: 0.4, high: 0.6 }],
      ['uneven', { value: 0.5, low: 0.45, high: 0.6 }],
      ['beside', { value: 0.5, low: 0.51, high: 0.6 }],
      ['large', 12345.5],
      ['none', null],
    ]),
  )
  for (const line of [
    'even & $0.500\\pm 0.100$ \\\\',
    'uneven & $0.500_{-0.050}^{+0.100}$ \\\\',
    'beside & $0.500_{+0.010}^{+0.100}$ \\\\',
    'large & $12345.500$ \\\\',
    'none & -- \\\\',
    '\\caption{Title}',
    '\\label{tab:a-table}',
  ]) {
    expect(latex.split('\n')).toContain(line)
  }
})

const folder = mkdtempSync(join(tmpdir(), 'vitrine-latex-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

const hasLatex = (process.env['PATH'] ?? '').split(':').some((path) => existsSync(join(path, 'pdflatex')))

it('compile, whatever their texts hold, short and over pages', (context) => {
  context.skip(!hasLatex, 'pdflatex is needed')
  const special = String.raw`& % $ # _ { } ~ ^ \ " ' ' << >> | -- --- ?${'`'} !${'`'} [x] * \end{document} ^^41`
  const rows = (count: number): ReportTable['rows'] =>
    Array.from({ length: count }, (_, i) => [
      i % 2 === 0 ? special : '[first] * in a row',
      { value: i, low: i - 1, high: i + 2 },
      special,
    ])
  const columns: ReportTable['columns'] = [
    { name: special },
    { name: 'score', digits: 2, interval: true },
    { name: 'long', wide: true },
  ]
  const described = { title: special, note: special, columns }
  writeFileSync(join(folder, 'short.tex'), tableLatex(table(rows(4), described)))
  writeFileSync(join(folder, 'long.tex'), tableLatex(table(rows(120), { ...described, name: 'long' })))
  writeFileSync(
    join(folder, 'all.tex'),
    String.raw`\documentclass{article}\usepackage{booktabs,longtable}\begin{document}Tables \ref{tab:a-table} and \ref{tab:long}.\input{short}\input{long}\end{document}`,
  )
  const compile = (): string =>
    execFileSync('pdflatex', ['-halt-on-error', '-interaction=nonstopmode', 'all.tex'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  compile()
  expect(compile()).not.toMatch(/^!|undefined|Missing character/m)
  expect(existsSync(join(folder, 'all.pdf'))).toBe(true)
})
