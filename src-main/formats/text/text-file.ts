/** Files of text that people bring: UTF-8, read whole, and taken line by line. */
import { basename } from 'node:path'
import type { VitrineError } from '../../common/failures.ts'
import { readWhole, statFile } from '../files.ts'
import { failures } from './failures.ts'

/** A text is one string, of which the engine of JavaScript makes none longer than half a GB. */
const LARGEST_TEXT = 400 * 2 ** 20

export interface TextLine {
  /** Its number, from 1. */
  line: number
  text: string
}

/** A file as text. Throws NOT_FOUND, and BAD_INPUT when it can't be read, is too large or is not UTF-8. */
export async function readText(path: string): Promise<string> {
  const { size } = await statFile(path)
  if (size > LARGEST_TEXT) {
    throw failures.textTooLarge({ path, megabytes: LARGEST_TEXT / 2 ** 20 })
  }
  return decodeText(await readWhole(path), basename(path))
}

/** Text of UTF-8 bytes. Throws BAD_INPUT naming the first line that is something else. */
export function decodeText(bytes: Uint8Array, file: string): string {
  const text = decodeUtf8(bytes)
  if (text === null) {
    throw notUtf8(bytes, file)
  }
  return text
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
}

function notUtf8(bytes: Uint8Array, file: string): VitrineError {
  const newline = 10
  for (let start = 0, line = 1; start <= bytes.length; line++) {
    const found = bytes.indexOf(newline, start)
    const end = found === -1 ? bytes.length : found
    if (decodeUtf8(bytes.subarray(start, end)) === null) {
      return failures.notUtf8InLine({ file, line })
    }
    start = end + 1
  }
  return failures.notUtf8({ file })
}

/** The same text without the mark that some editors put at its beginning. */
export const withoutByteOrderMark = (text: string): string => text.replace(/^\uFEFF/, '')

/** The lines that are not blank. */
export function* linesOf(text: string): Generator<TextLine> {
  let line = 0
  for (const content of text.split('\n')) {
    line++
    if (content.trim() !== '') {
      yield { line, text: content.replace(/\r$/, '') }
    }
  }
}

/** A line as an error quotes it. */
export const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text)
