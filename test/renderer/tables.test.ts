/** Tables as other programs take them, read again by parsers that are not ours. */
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { marked } from 'marked'
import { expect, it } from 'vitest'
import { csv } from '../../src-main/formats/text/csv.ts'
import { fileName } from '../../src-renderer/composables/saving.ts'
import { asCsv, asMarkdown, asTabs } from '../../src-renderer/composables/tables.ts'

const words = fc.oneof(
  fc.string(),
  fc.stringMatching(/^[a|"\\,\t\n\r`*_<[\]]*$/),
  fc.constantFrom('a "red" box', 'x, y', 'two\nlines', ' edges '),
)
const tables = fc.integer({ min: 1, max: 4 }).chain((columns) =>
  fc.record({
    columns: fc.array(words, { minLength: columns, maxLength: columns }),
    rows: fc.array(
      fc.array(fc.oneof(words, fc.double({ noNaN: true })), { minLength: columns, maxLength: columns }),
    ),
  }),
)
it('are CSV as main writes it, which a parser reads as it was', () => {
  fc.assert(
    fc.property(tables, (table) => {
      expect(asCsv(table)).toBe([...csv(table.columns, table.rows)].join(''))
    }),
  )
  const table = {
    columns: ['a "red" box', 'x, y'],
    rows: [
      ['two\nlines', 1.25],
      [' edges ', null],
    ],
  }
  expect(parse(asCsv(table))).toEqual([
    ['a "red" box', 'x, y'],
    ['two\nlines', '1.25'],
    [' edges ', ''],
  ])
  expect(asTabs({ columns: ['=1+1'], rows: [['-4wsu'], [-4]] })).toBe("'=1+1\n-4wsu\n-4")
})

it('are rows of as many cells with tabs between them', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const lines = asTabs(table).split('\n')
      expect(lines).toHaveLength(table.rows.length + 1)
      for (const line of lines) {
        expect(line.split('\t')).toHaveLength(table.columns.length)
        expect(line).not.toMatch(/\r/)
      }
    }),
  )
})

it('are Markdown whose cells say what the table says, numbers to the right', () => {
  const table = {
    columns: ['metric', 'a|b'],
    rows: [
      ['*CIDEr* [x] <b>', 1.5],
      ['back\\slash | `code`', null],
    ],
  }
  const [read] = marked.lexer(asMarkdown(table))
  expect(read).toMatchObject({ type: 'table', align: [null, 'right'] })
  const html = marked.parse(asMarkdown(table), { async: false })
  const cells = [...html.matchAll(/<t[hd].*?>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell)
  expect(cells).toEqual(['metric', 'a|b', '*CIDEr* [x] &lt;b&gt;', '1.5', 'back\\slash | `code`', ''])
})

it('are files whose names any system takes', () => {
  expect([
    fileName('CIDEr, validation: v1/v2', 'svg'),
    fileName('…', 'csv'),
    fileName('红色 box', 'png'),
  ]).toEqual(['cider-validation-v1-v2.svg', 'vitrine.csv', '红色-box.png'])
})
