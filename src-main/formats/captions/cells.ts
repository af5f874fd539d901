/**
 * What stands in a cell for captions: a sentence, or several as JSON or as Python prints a list. Anything else
 * that looks like code is refused: it would be learnt as words.
 */
import { shorten } from '../text/text-file.ts'
import { failures } from './failures.ts'

/** Keys under which objects hold a caption's text. */
const TEXT_KEYS = ['caption', 'captions', 'sentence', 'text', 'raw', 'description']

/** Where a cell stands, for failures. */
export interface CellPlace {
  file: string
  place: string
  clip: string
}

/** The captions of a cell or of a value of JSON. Throws BAD_INPUT where it holds none, or code. */
export function captionsOf(value: unknown, at: CellPlace): string[] {
  const captions = textsOf(value, at)
  if (captions === null || captions.length === 0) {
    throw failures.captionMissing({ ...at })
  }
  return captions
}

function textsOf(value: unknown, at: CellPlace): string[] | null {
  if (typeof value === 'string') {
    return textsOfCell(value, at)
  }
  if (Array.isArray(value)) {
    return allTexts(value, at)
  }
  if (typeof value === 'object' && value !== null) {
    const object = value as Record<string, unknown>
    const key = TEXT_KEYS.find((name) => object[name] != null)
    return key === undefined ? null : textsOf(object[key], at)
  }
  return null
}

function allTexts(values: readonly unknown[], at: CellPlace): string[] | null {
  const texts: string[] = []
  for (const value of values) {
    const found = textsOf(value, at)
    if (found === null) {
      return null
    }
    texts.push(...found)
  }
  return texts
}

/**
 * Brackets around all of a cell, and behind the first what starts a string, a number, a list or an object; or a
 * list of words without quotes.
 */
const CODE =
  /^(?:\[\s*(?:["'[{\]]|[uU]["']|-?\d+\s*[,\]])[^]*|\{\s*["'}][^]*|\(\s*["'][^]*["'],?\s*\)|\[[^[\]]*,[^[\]]*\]|\{[^{}]*\})$/
/** What programs write of a caption that is not there. */
const NOTHING: ReadonlySet<string> = new Set(['nan', 'NaN', 'None', 'null', 'NULL', '<NA>'])

/** What a cell of several captions, or of none, begins with. */
const DOUBTFUL_START = /^\s*(?:[[{(<]|nan|none|null)/i

/** Whether a cell is surely one caption: millions of them are. */
export const isSentence = (cell: string): boolean => cell !== '' && !DOUBTFUL_START.test(cell)

function textsOfCell(cell: string, at: CellPlace): string[] {
  if (isSentence(cell)) {
    return [cell]
  }
  const text = cell.trim()
  if (NOTHING.has(text)) {
    return ['']
  }
  if (!CODE.test(text)) {
    return [cell]
  }
  const texts = textsOf(parseJson(text), at) ?? pythonStrings(text)
  if (texts === null) {
    throw failures.captionIsCode({ ...at, text: shorten(text) })
  }
  return texts
}

/** A list or an object; null: it is neither. */
function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}

const PYTHON_STRING = /\s*[uU]?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*(?:,|$)/sy
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

/** The strings of a list or tuple as Python prints it, such as `['a dog', "it's"]`; null: it is something else. */
function pythonStrings(text: string): string[] | null {
  const list = /^(?:\[([^]*)\]|\(([^]*)\))$/.exec(text)
  const inside = (list?.[1] ?? list?.[2] ?? '').trim().replace(/,$/, '')
  const strings: string[] = []
  for (let at = 0; at < inside.length; at = PYTHON_STRING.lastIndex) {
    PYTHON_STRING.lastIndex = at
    const match = PYTHON_STRING.exec(inside)
    if (match === null) {
      return null
    }
    strings.push(unescape(match[1]!))
  }
  return strings.length > 0 ? strings : null
}

const unescape = (quoted: string): string =>
  quoted
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/gs, (_, byte, unit, letter: string) =>
      letter === undefined
        ? String.fromCharCode(parseInt((byte ?? unit) as string, 16))
        : (ESCAPES[letter] ?? letter),
    )
