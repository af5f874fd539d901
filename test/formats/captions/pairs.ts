import fc from 'fast-check'
import { parseCaptionText } from '../../../src-main/formats/captions/index.ts'
import type { CaptionEntry } from '../../../src-main/formats/captions/index.ts'

/** The captions of a text, the format told by the file where none is named. */
export const parseCaptions = (content: string, file: string, format = 'auto'): CaptionEntry[] =>
  parseCaptionText(content, file, { format }).entries

/** Clip and caption of each entry, the format told by the file. */
export const pairs = (text: string, file: string): [clip: string, caption: string][] =>
  parseCaptions(text, file).map(({ clip, caption }) => [clip, caption])

const word = fc
  .string({ minLength: 1, unit: 'grapheme' })
  .map((text) => text.trim().replace(/\s+/g, ' '))
  .filter((text) => text !== '' && !text.includes('\uFEFF'))

/** Any clips and captions that a format with quotes can hold. */
export const anyPairs = fc.array(fc.tuple(word, word), { minLength: 1, maxLength: 20 })
