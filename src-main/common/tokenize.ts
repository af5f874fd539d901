const TOKEN = /[\p{L}\p{M}\p{N}]+/gu

/** Scripts that put no spaces between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u
/** Finds words by Unicode's dictionaries, whichever of these scripts they are in. */
const segmenter = new Intl.Segmenter('und', { granularity: 'word' })

/** Whether a text holds a script without spaces, whose words are found by a dictionary. */
export const isUnspaced = (text: string): boolean => UNSPACED.test(text)

/** The form in which texts are compared. */
const normalise = (text: string): string => text.normalize('NFC').toLowerCase()

/**
 * The words of a caption, for captioner, metrics, topics and search alike: lower case, and everything but
 * letters, marks and digits (Unicode) separates words. So "It's a T-shirt." becomes `it s a t shirt`, as in the
 * MSVD captions in circulation. Tokenising twice changes nothing, so captions that came as words keep their
 * published scores. COCO's own tool differs in contractions and hyphens only. Scripts without spaces, such as
 * Chinese, Japanese and Thai, are divided into words by Unicode's dictionaries.
 */
export function tokenize(caption: string): string[] {
  const tokens = normalise(caption).match(TOKEN) ?? []
  return isUnspaced(caption) ? tokens.flatMap(wordsOf) : tokens
}

/** The words of a token in its normal form: itself, where its script has spaces. */
function wordsOf(token: string): string[] {
  if (!isUnspaced(token)) {
    return [token]
  }
  const words = Array.from(segmenter.segment(token), ({ segment }) => segment)
  // Alone a word may be divided further than beside others: until it is not, so that words stay words.
  return words.length === 1 ? words : words.flatMap(wordsOf)
}

/** The text with spaces between all its words, for what divides texts at spaces alone. */
export const spaceWords = (text: string): string =>
  isUnspaced(text) ? text.replace(TOKEN, (token) => wordsOf(token).join(' ')) : text

/** A token and where it stands in the text as it was written: [from, to) in UTF-16 units. */
export interface PlacedToken {
  token: string
  from: number
  to: number
}

/** The same words as `tokenize`, with their places. */
export function placeTokens(caption: string): PlacedToken[] {
  return Array.from(caption.matchAll(TOKEN), ({ 0: written, index }) => placeWords(written, index)).flat()
}

function placeWords(written: string, index: number): PlacedToken[] {
  const words = wordsOf(normalise(written))
  const whole = { from: index, to: index + written.length }
  // Where the normal form is of another length, its words have no place in what was written: each stands for
  // the whole.
  if (words.length === 1 || words.join('').length !== written.length) {
    return words.map((token) => ({ token, ...whole }))
  }
  let from = index
  return words.map((token) => {
    const placed = { token, from, to: from + token.length }
    from = placed.to
    return placed
  })
}
