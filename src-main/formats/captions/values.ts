/** What values of JSON are. */
import { visit } from 'jsonc-parser'
import { defineFailures } from '../../common/failures.ts'
import { linesOf } from '../text/text-file.ts'
import type { CaptionDocument, CaptionSource } from './format.ts'

const failures = defineFailures('captions.values', {
  notJson: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: the line is no object of JSON.',
    remedy: 'Accepted are {accepted}.',
  },
  keyTwice: {
    code: 'BAD_INPUT',
    message: '{file} line {line}: {clip} stands in the object for the second time.',
    remedy: 'Write all captions of a clip in one list: of two, JSON keeps the last.',
  },
})

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The objects of a list; null: it is no list, or holds something else. */
export const objectsOf = (value: unknown): Record<string, unknown>[] | null =>
  Array.isArray(value) && value.every(isObject) ? value : null

/** The first value of an object, whatever its key. */
export const firstValue = (object: Readonly<Record<string, unknown>>): unknown => Object.values(object)[0]

/** An object of JSON; null: the text is something else. */
export function objectOf(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

/** The objects of a text of lines. Throws BAD_INPUT naming the line that is none. */
export function objectLines(
  { file, text }: CaptionDocument,
  { accepted }: CaptionSource,
): { line: number; object: Record<string, unknown> }[] {
  return [...linesOf(text)].map(({ line, text: content }) => {
    const object = objectOf(content)
    if (object === null) {
      throw failures.notJson({ file, line, accepted })
    }
    return { line, object }
  })
}

/** Throws BAD_INPUT where the object of a text has a key twice: what the first says would be lost without a word. */
export function requireKeysOnce({ file, text }: CaptionDocument): void {
  const keys = new Set<string>()
  let depth = 0
  visit(text, {
    onObjectBegin: () => {
      depth++
    },
    onObjectEnd: () => {
      depth--
    },
    onObjectProperty: (clip, _offset, _length, lineBefore) => {
      if (depth === 1 && keys.has(clip)) {
        throw failures.keyTwice({ file, line: lineBefore + 1, clip })
      }
      if (depth === 1) {
        keys.add(clip)
      }
    },
  })
}
