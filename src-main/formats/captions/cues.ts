/** Cues of subtitles: texts with their times, in blocks that blank lines divide. */
import { defineFailures } from '../../common/failures.ts'
import { languageName } from './languages.ts'
import { linesOf } from '../text/text-file.ts'
import type { CaptionDocument, CaptionEntry } from './format.ts'

const failures = defineFailures('captions.cues', {
  noTimes: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: a cue begins with its times ({example}).',
  },
  boundsTurned: { code: 'BAD_INPUT', message: '{file} line {line}: the cue ends before it begins.' },
})

/** How a format writes times; groups 1 and 2 are start and end. */
export interface CueSyntax {
  times: RegExp
  example: string
  /** Blocks that begin so are no cues. */
  others: RegExp
  /** A block without times goes on with the cue before it. */
  goesOn: boolean
  /** The text of a cue without its marks. */
  plain(text: string): string
}

/** What its times look like, wherever it stands. */
export const hasCueTimes = ({ head }: CaptionDocument, times: RegExp): boolean =>
  head.slice(0, 3).some(({ text }) => times.test(text))

/** The clip is called as the file is, without its extension and the language that may stand before that. */
export function cueEntries({ file, text }: CaptionDocument, syntax: CueSyntax): CaptionEntry[] {
  const { clip, ...language } = nameOf(file)
  return cuesOf(text, syntax)
    .map((block) => {
      const at = block.slice(0, 2).findIndex((line) => syntax.times.test(line.text))
      const [, start = '', end = ''] = syntax.times.exec(block[at]?.text ?? '') ?? []
      if (at === -1) {
        throw failures.noTimes({ file, line: block[0]!.line, example: syntax.example })
      }
      const { line } = block[at]!
      const bounds = { start: secondsOf(start), end: secondsOf(end) }
      if (bounds.end < bounds.start) {
        throw failures.boundsTurned({ file, line })
      }
      const caption = syntax.plain(
        block
          .slice(at + 1)
          .map((content) => content.text)
          .join(' '),
      )
      return { clip, caption, line, ...bounds, ...language }
    })
    .filter(({ caption }) => caption.trim() !== '')
}

/** `v1.en.vtt` is of the clip v1, and in English. */
function nameOf(file: string): { clip: string; language?: string } {
  const stem = file.replace(/\.[^./\\]+$/, '')
  const [, clip, language] = /^(.+)\.([a-z]{2})(?:-[a-z]{2})?$/is.exec(stem) ?? []
  // Two letters may be the end of a name, or of a transport stream's.
  const isLanguage = language !== undefined && language !== 'ts' && languageName(language) !== language
  return clip !== undefined && isLanguage ? { clip, language: language.toLowerCase() } : { clip: stem }
}

const secondsOf = (text: string): number =>
  text
    // Behind the seconds stand thousandths, however many digits they have.
    .replace(/[,.](\d+)$/, (_, thousandths: string) => `.${thousandths.padStart(3, '0')}`)
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0)

interface BlockLine {
  line: number
  text: string
}

function cuesOf(text: string, { others, goesOn, times }: CueSyntax): BlockLine[][] {
  const cues: BlockLine[][] = []
  for (const block of blocksOf(text, times)) {
    const last = cues.at(-1)
    if (goesOn && last !== undefined && !block.some((line) => times.test(line.text))) {
      last.push(...block)
    } else if (!others.test(block[0]?.text ?? '')) {
      cues.push(block)
    }
  }
  return cues
}

/** What blank lines divide; and times begin a cue even where the blank line before them was forgotten. */
function blocksOf(text: string, times: RegExp): BlockLine[][] {
  const blocks: BlockLine[][] = []
  let last = -1
  for (const line of linesOf(text)) {
    const block = blocks.at(-1)
    if (block === undefined || line.line !== last + 1) {
      blocks.push([line])
    } else if (times.test(line.text) && beginsCue(block, times)) {
      // The cue's number belongs to its times.
      const number = /^\s*\d+\s*$/.test(block.at(-1)!.text) ? [block.pop()!] : []
      blocks.push([...number, line])
    } else {
      block.push(line)
    }
    last = line.line
  }
  return blocks
}

/** Whether times after these lines are of another cue: they have theirs, or are the head of the file. */
const beginsCue = (block: readonly BlockLine[], times: RegExp): boolean =>
  block.some((line) => times.test(line.text)) || /^WEBVTT/.test(block[0]!.text)
