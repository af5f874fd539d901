/** Whatever people said of whatever clips is read back from each format that it is written in, but for what that says it loses. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { captionExportFormat } from '#contract'
import type { CaptionEntry } from '../../../src-main/formats/captions/index.ts'
import { withoutMediaExtension } from '../../../src-main/formats/captions/clip-names.ts'
import { parseCaptionText } from '../../../src-main/formats/captions/index.ts'
import { CAPTION_WRITERS } from '../../../src-main/formats/captions/writers/index.ts'
import type { WrittenClip } from '../../../src-main/formats/captions/writers/index.ts'

type Fact = 'language' | 'author' | 'source' | 'split'

/** What of a caption comes back. */
const CARRIED: Record<string, readonly Fact[]> = {
  jsonl: ['language', 'author', 'source', 'split'],
  csv: ['language', 'author', 'source', 'split'],
  coco: ['language', 'author', 'source', 'split'],
  karpathy: ['language', 'author', 'source', 'split'],
  msrvtt: ['language', 'author', 'source', 'split'],
  'label-studio': ['language', 'author', 'source', 'split'],
  fiftyone: ['language', 'author', 'source', 'split'],
  vatex: [],
  activitynet: [],
  huggingface: [],
  webvtt: ['language'],
  srt: ['language'],
}

const text = (forbidden: RegExp, maxLength = 14): fc.Arbitrary<string> =>
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '"',
          "'",
          ',',
          ' ',
          '=',
          '+',
          '人',
          'é',
          '🎬',
          '&',
          ';',
          '\t',
          '\n',
          '|',
          '<b>',
          '&lt;',
          '-->',
        ),
        fc.string({ unit: 'grapheme', maxLength: 4 }),
      ),
      { minLength: 1, maxLength },
    )
    .map((parts) => parts.join('').trim())
    .filter((one) => one !== '' && !forbidden.test(one))
/** What an import makes of any caption: one line, with single spaces; and what looks like code is none. */
const captionText = text(/[\uFEFF]|^[[{(]|^\d+$|^(?:nan|none|null|<NA>)$/iu).map((one) =>
  one.replace(/[\s\p{Cc}]+/gu, ' ').trim(),
)
/** SubRip has no way to write what looks like a tag, or like times. */
const NOT_IN_SUBRIP = /<|-->|\{\\/

const word = text(/[\p{Cc}\uFEFF]|^(?:\d+)$/u, 4).map((one) => one.replace(/\s+/gu, ' ').trim())
const clipName = text(/[\uFEFF\\]|^\d+$|^\/data|^__proto__$|\.[a-z]{2}(?:-[a-z]{2})?$|[^\P{Cc}\n]/iu).map(
  (one) => withoutMediaExtension(one.replace(/\//g, '-')),
)

const caption = fc.record({
  text: captionText.filter((one) => one !== ''),
  language: fc.constantFrom(null, 'en', 'zh'),
  author: fc.option(word),
  source: fc.option(word),
  at: fc.constantFrom(null, '2026-01-31T12:00:00.000Z'),
})
const clips: fc.Arbitrary<WrittenClip[]> = fc
  .uniqueArray(
    fc.record({
      name: clipName.filter((name) => name !== '' && name === name.normalize('NFC')),
      split: fc.constantFrom('train' as const, 'val' as const, 'test' as const),
      extension: fc.constantFrom('', '.mp4'),
      duration: fc.constantFrom(null, 12.5),
      captions: fc.array(caption, { minLength: 1, maxLength: 4 }),
    }),
    { selector: ({ name }) => name.toLowerCase(), minLength: 1, maxLength: 5 },
  )
  .map((those) => {
    let ids = 0
    return those.map(({ extension, captions, ...clip }, i) => ({
      ...clip,
      id: i + 7,
      file: `${clip.name}${extension}`,
      part: null,
      captions: captions.map((one) => ({ ...one, id: ++ids })),
    }))
  })

const SPLITS: Readonly<Record<string, string>> = { validate: 'val', validation: 'val' }

/** What is read of a file, as it would be placed: with the split of its folder. */
function readBack(name: string, content: string, format: string): CaptionEntry[] {
  const [folder, file = folder] = format === 'huggingface' ? name.split('/') : [undefined, name]
  const read = parseCaptionText(content, file ?? name)
  expect(read.format.name).toBe(format)
  return read.entries
}

test('every format that can be asked for is written', () => {
  expect(Object.keys(CAPTION_WRITERS).sort()).toEqual(captionExportFormat.options.toSorted())
  expect(Object.keys(CARRIED).sort()).toEqual(captionExportFormat.options.toSorted())
})

test.each(Object.keys(CARRIED))('%s', (format) => {
  const carried = CARRIED[format]!
  const facts = (of: Partial<Record<Fact, string | null>>): unknown[] =>
    carried.map((fact) => {
      const value = of[fact] ?? null
      return fact === 'split' && value !== null ? (SPLITS[value] ?? value) : value
    })
  fc.assert(
    fc.property(clips, (any) => {
      const written =
        format === 'srt'
          ? any.map((clip) => ({
              ...clip,
              captions: clip.captions.filter((one) => !NOT_IN_SUBRIP.test(one.text)),
            }))
          : any
      fc.pre(written.some(({ captions }) => captions.length > 0))
      const files = CAPTION_WRITERS[format]!.files(() => written)
      const entries = files
        .filter(({ name }) => !name.endsWith('.xml') && name !== 'metadata.json')
        .flatMap(({ name, pieces }) => readBack(name, [...pieces].join(''), format))
      const read = entries.map((entry) => [
        withoutMediaExtension(entry.clip),
        entry.caption,
        ...facts({ ...entry, split: entry.split ?? null }),
      ])
      const expected = written.flatMap((clip) =>
        clip.captions.map((one) => [clip.name, one.text, ...facts({ ...one, split: clip.split })]),
      )
      const sorted = (rows: unknown[][]): string[] => rows.map((row) => JSON.stringify(row)).sort()
      expect(sorted(read)).toEqual(sorted(expected))
    }),
    { numRuns: 80 },
  )
})

test('parts of a video are told by their times where a format has times', () => {
  const part = (id: number, start: number, end: number): WrittenClip => ({
    id,
    name: `long_${start}_${end}`,
    file: `long_${start}_${end}`,
    split: 'train',
    part: { video: 'long', start, end },
    duration: end - start,
    captions: [{ id, text: `number ${id}`, language: null, author: null, source: null, at: null }],
  })
  const written = [part(1, 0, 2.5), part(2, 3661.25, 3665)]
  for (const format of ['activitynet', 'webvtt', 'srt']) {
    const [file, ...others] = CAPTION_WRITERS[format]!.files(() => written)
    expect(others).toEqual([])
    const { entries } = parseCaptionText([...file!.pieces].join(''), file!.name)
    expect(entries).toMatchObject([
      { clip: 'long', start: 0, end: 2.5, caption: 'number 1' },
      { clip: 'long', start: 3661.25, end: 3665, caption: 'number 2' },
    ])
  }
})

test('no name leads out of the folder', () => {
  const clip: WrittenClip = {
    id: 1,
    name: '../../evil',
    file: '../../evil.mp4',
    split: 'train',
    part: null,
    duration: 1,
    captions: [{ id: 1, text: 'x', language: null, author: null, source: null, at: null }],
  }
  for (const format of ['webvtt', 'huggingface']) {
    for (const { name } of CAPTION_WRITERS[format]!.files(() => [clip])) {
      expect(name.split('/')).not.toContain('..')
    }
  }
})
