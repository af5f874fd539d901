import { parse } from 'jsonc-parser'
import type { ParseError } from 'jsonc-parser'

/** The line, from 1, in which a text stops being JSON; its last one where it only ends too early. */
export function brokenLine(text: string): number {
  const errors: ParseError[] = []
  parse(text, errors, { disallowComments: true, allowTrailingComma: false })
  const [{ offset } = { offset: text.length }] = errors
  return text.slice(0, offset).split(/\r\n|\n|\r/).length
}
