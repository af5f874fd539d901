/**
 * Which encoding a text is in: by its mark, as UTF-8, as UTF-16 without a mark, and last as Windows-1252, of
 * which Latin-1 is a part. Any bytes are text in that one, so only what reads like a European language is taken
 * for it: another encoding would turn into letters that nobody wrote.
 */

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

export interface DecodedText {
  text: string
  encoding: Encoding
}

/** The text of bytes, without a byte-order mark; null: it is in no encoding that can be told. */
export function decodeAny(bytes: Uint8Array): DecodedText | null {
  const wide = wideEncoding(bytes)
  if (wide !== null) {
    return decoded(bytes, wide)
  }
  return decoded(bytes, 'utf-8') ?? (readsAsWestern(bytes) ? decoded(bytes, 'windows-1252') : null)
}

function decoded(bytes: Uint8Array, encoding: Encoding): DecodedText | null {
  if (encoding.startsWith('utf-16') && bytes.length % 2 === 1) {
    return null
  }
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    return text.includes('\0') ? null : { text, encoding }
  } catch {
    return null
  }
}

/** Bytes that are looked at to tell the encoding. */
const SAMPLE = 4096
/** Ends of lines, tabs and digits have a zero in every script: fewer are an accident in some other text. */
const LEAST_ZEROS = 0.01
/** Some letters have theirs on the other side, as the Chinese one does (U+4E00). */
const MOST_TURNED = 0.75

/** UTF-16, by its mark or by the zeros that its letters of ASCII have; null: it is not. */
function wideEncoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) {
    return 'utf-16le'
  }
  if (bytes[0] === 0xfe && bytes[1] === 0xff) {
    return 'utf-16be'
  }
  const sample = bytes.subarray(0, SAMPLE)
  const zeros = [0, 0]
  sample.forEach((byte, at) => {
    if (byte === 0) {
      zeros[at % 2]!++
    }
  })
  const [even = 0, odd = 0] = zeros
  const [fewer, more] = [Math.min(even, odd), Math.max(even, odd)]
  if (more < LEAST_ZEROS * sample.length || fewer > MOST_TURNED * more) {
    return null
  }
  return odd > even ? 'utf-16le' : 'utf-16be'
}

/** Accented letters are rare among plain ones, and stand alone or nearly so. */
const MOST_ACCENTS = 0.3

function readsAsWestern(bytes: Uint8Array): boolean {
  let letters = 0
  let accents = 0
  let run = 0
  for (const byte of bytes) {
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12) {
      return false
    }
    // Five codes that Windows-1252 leaves free.
    if (byte === 0x81 || byte === 0x8d || byte === 0x8f || byte === 0x90 || byte === 0x9d) {
      return false
    }
    run = byte >= 0xc0 ? run + 1 : 0
    if (run > 3) {
      return false
    }
    letters += Number((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a)
    accents += Number(byte >= 0x80)
  }
  return accents <= MOST_ACCENTS * letters && !holdsUtf8(bytes)
}

/** Whether letters of UTF-8 stand in it, so that it is a damaged text of that encoding. */
function holdsUtf8(bytes: Uint8Array): boolean {
  for (let at = 0; at + 1 < bytes.length; at++) {
    const [first = 0, second = 0] = [bytes[at], bytes[at + 1]]
    if (first >= 0xc2 && first <= 0xf4 && second >= 0x80 && second <= 0xbf) {
      return true
    }
  }
  return false
}
