import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { CAPTION_FORMATS, parseCaptionText } from '../../../src-main/formats/captions/index.ts'
import { EXAMPLES } from './examples.ts'

const NAMES = CAPTION_FORMATS.map(({ name }) => name)

test.each(EXAMPLES)('$file is read as $format', ({ format, file, text, entries }) => {
  const read = parseCaptionText(text, file)
  expect(read.format.name).toBe(format)
  expect(read.entries.map(({ line: _, ...entry }) => entry)).toEqual(
    entries.map(([clip, caption, facts]) => ({ clip, caption, ...facts })),
  )
  expect(parseCaptionText(text, file, { format }).entries).toEqual(read.entries)
})

test('every format has an example, and auto takes none for another', () => {
  // Rows: what a file is; columns: what it is taken for, in every way in which a text may have been saved.
  const matrix = NAMES.map(() => NAMES.map(() => 0))
  for (const { format, file, text } of EXAMPLES) {
    const unnamed = text.startsWith('WEBVTT') || !/^metadata/.test(file) ? ['x'] : []
    for (const name of [file, ...unnamed]) {
      for (const saved of [
        text,
        `\uFEFF${text}`,
        text.replaceAll('\n', '\r\n'),
        text.replaceAll('\n', '\r'),
      ]) {
        matrix[NAMES.indexOf(format)]![NAMES.indexOf(parseCaptionText(saved, name).format.name)]!++
      }
    }
  }
  console.log(
    [
      ['', ...NAMES.map((_, i) => String(i + 1).padStart(4))].join('').padStart(17 + 4 * NAMES.length),
      ...matrix.map(
        (row, i) =>
          `${String(i + 1).padStart(2)} ${NAMES[i]!.padEnd(14)}${row.map((n) => String(n || '.').padStart(4)).join('')}`,
      ),
    ].join('\n'),
  )
  expect(matrix.map((row, i) => row.filter((n, j) => i !== j && n > 0).length)).toEqual(NAMES.map(() => 0))
  expect(matrix.filter((row, i) => row[i] === 0)).toEqual([])
})

test('the docs say of every format what it follows', async () => {
  const page = await readFile(new URL('../../../docs/captions.md', import.meta.url), 'utf8')
  expect(
    CAPTION_FORMATS.filter(
      ({ name, follows }) => !page.includes(`| \`${name}\` |`) || !page.includes(follows),
    ).map(({ name }) => name),
  ).toEqual([])
})
