/** The page of a report, and what its figures are drawn from. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  figureBlock,
  heading,
  missing,
  paragraph,
  tableBlock,
  warning,
} from '../../../src-main/formats/report/document.ts'
import type { Report } from '../../../src-main/formats/report/document.ts'
import { binsOf, histogramFigure } from '../../../src-main/formats/report/figures/histogram.ts'
import { lineFigure } from '../../../src-main/formats/report/figures/lines.ts'
import { barFigure, pointFigure } from '../../../src-main/formats/report/figures/rows.ts'
import { reportHtml } from '../../../src-main/formats/report/html.ts'

/** A page that says `text` wherever people's words can come to stand. */
function pageWith(text: string): string {
  const report: Report = {
    title: text,
    about: [text],
    sections: [
      {
        id: 'one',
        title: text,
        blocks: [
          heading(text),
          paragraph(text),
          warning(text),
          missing(text, text),
          tableBlock({
            name: 'cells',
            title: text,
            note: text,
            columns: [{ name: text }, { name: 'n' }],
            rows: [[text, 1]],
          }),
          figureBlock(
            barFigure({
              title: text,
              note: text,
              over: text,
              rows: [{ label: text, value: 1 }],
              format: String,
            }),
          ),
          figureBlock(
            pointFigure({
              title: text,
              note: text,
              over: text,
              rows: [{ label: text, value: 1, low: 0, high: 2, reference: 1 }],
              format: String,
            }),
          ),
          figureBlock(
            lineFigure({
              title: text,
              note: text,
              x: [1, 2],
              lines: [
                { label: text, values: [1, 2] },
                { label: text, values: [2, null] },
              ],
              over: text,
              counted: text,
            }),
          ),
          figureBlock(
            histogramFigure({
              title: text,
              note: text,
              series: [
                { label: text, values: [1, 2] },
                { label: text, values: [3] },
              ],
              over: text,
              counted: text,
              reference: { value: 1, label: text },
            }),
          ),
        ],
      },
    ],
  }
  return [...reportHtml(report)].join('')
}

it('has the same elements whatever people wrote: no text becomes markup', () => {
  const tags = (html: string): string[] => html.match(/<[^>]*>/g)?.map((tag) => tag.slice(0, 8)) ?? []
  const plain = tags(pageWith('x'))
  expect(plain).toContain('<figcapt')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('<script>x()</script>', '"><img src=x onerror=y>', "' onload='z", ']]>', '&lt;'),
      ),
      (text) => {
        expect(tags(pageWith(text))).toEqual(plain)
      },
    ),
  )
})

it('numbers tables and figures, and says of each where its files are', () => {
  const page = pageWith('x')
  expect(page).toContain('<caption><b>Table 1.</b> x.</caption>')
  expect(page.match(/<b>Figure (\d)\.<\/b>/g)).toHaveLength(4)
  expect(page).toContain('tables/cells.csv')
  expect(page).not.toMatch(/NaN|Infinity|undefined/)
})

it('counts every value of a histogram in one bin, that holds it', () => {
  const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 })
  fc.assert(
    fc.property(values, values, (a, b) => {
      const bins = binsOf(
        [
          { label: 'a', values: a },
          { label: 'b', values: b },
        ],
        false,
      )
      expect(bins.reduce((sum, { counts: [first = 0] }) => sum + first, 0)).toBe(a.length)
      expect(bins.reduce((sum, { counts: [, second = 0] }) => sum + second, 0)).toBe(b.length)
    }),
  )
  const whole = binsOf([{ label: 'words', values: [3, 4, 4, 6] }], true)
  expect(whole.map(({ from, to, counts }) => [from, to, ...counts])).toEqual([
    [2.5, 3.5, 1],
    [3.5, 4.5, 2],
    [4.5, 5.5, 0],
    [5.5, 6.5, 1],
  ])
})

it('draws figures of one value, of none, and of equal ones', () => {
  for (const values of [[], [0], [1, 1, 1], [-2], [1e-12]]) {
    const drawn = [
      histogramFigure({ title: 't', note: '', series: [{ label: 'a', values }], over: 'o', counted: 'u' }),
      lineFigure({
        title: 't',
        note: '',
        x: values.map((_, i) => i),
        lines: [{ label: 'a', values }],
        over: 'o',
        counted: 'u',
      }),
      barFigure({
        title: 't',
        note: '',
        over: 'o',
        rows: values.map((value) => ({ label: 'a', value })),
        format: String,
      }),
    ]
    for (const { svg } of drawn) {
      expect(svg).toMatch(/^<svg .*<\/svg>$/s)
      expect(svg).not.toMatch(/NaN|Infinity/)
    }
  }
})
