/** Files of text that people bring: read whole, and taken line by line. */
import { basename } from 'node:path'
import type { VitrineError } from '../../common/failures.ts'
import { readWhole, statFile } from '../files.ts'
import { decodeAny } from './encoding.ts'
import { failures } from './failures.ts'

/** A text is one string, of which the engine of JavaScript makes none longer than half a GB. */
const LARGEST_TEXT = 400 * 2 ** 20

export interface TextLine {
  /** Its number, from 1. */
  line: number
  text: string
}

/**
 * A file as text. Throws NOT_FOUND, and BAD_INPUT when it can't be read, is too large or is not UTF-8, or UTF-16
 * that says so.
 */
export async function readText(path: string): Promise<string> {
  return decodeText(await readBytes(path), basename(path))
}

/** A whole file of text, or an archive of such. Throws NOT_FOUND, and BAD_INPUT when it can't be read or is too large. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const { size } = await statFile(path)
  if (size > LARGEST_TEXT) {
    throw failures.textTooLarge({ path, megabytes: LARGEST_TEXT / 2 ** 20 })
  }
  return readWhole(path)
}

/** Text of bytes in UTF-8 or UTF-16. Throws BAD_INPUT naming the first line that is something else. */
export function decodeText(bytes: Uint8Array, file: string): string {
  const decoded = decodeAny(bytes)
  if (decoded === null || decoded.encoding === 'windows-1252') {
    throw notUtf8(bytes, file)
  }
  return decoded.text
}

/**
 * The same, and text of older European programs, which `notice` tells of: their letters can only be guessed.
 * Throws BAD_INPUT as above.
 */
export function decodeOldText(bytes: Uint8Array, file: string): { text: string; notice: string | null } {
  const decoded = decodeAny(bytes)
  if (decoded === null) {
    throw notUtf8(bytes, file)
  }
  const isOld = decoded.encoding === 'windows-1252'
  return {
    text: decoded.text,
    notice: isOld
      ? `${file} is not UTF-8: it was read as Windows-1252 (Latin-1). Save it as UTF-8 if letters are wrong.`
      : null,
  }
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

/** Ends of lines: of Unix, Windows and old Macs; and those of Unicode, where a text has no others. */
const LINE_END = /\r\n|\n|\r/g
const UNICODE_LINE_END = /[\u0085\u2028\u2029]/g

/** The lines that are not blank. */
export function* linesOf(text: string): Generator<TextLine> {
  const lineEnd = new RegExp(/[\n\r]/.test(text) ? LINE_END : UNICODE_LINE_END)
  let line = 0
  for (let start = 0; start <= text.length;) {
    const match = lineEnd.exec(text)
    const content = text.slice(start, match?.index)
    line++
    start = match === null ? text.length + 1 : lineEnd.lastIndex
    if (content.trim() !== '') {
      yield { line, text: content }
    }
  }
}

/** A line as an error quotes it. */
export const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text)
