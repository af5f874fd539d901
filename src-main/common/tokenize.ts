const TOKEN = /[\p{L}\p{M}\p{N}]+/gu

/** The form in which texts are compared. */
const normalise = (text: string): string => text.normalize('NFC').toLowerCase()

/**
 * The words of a caption, for the metrics and the topics alike: lower case, and everything but letters, marks
 * and digits (Unicode) separates words. So "It's a T-shirt." becomes `it s a t shirt`, as in the MSVD
 * captions in circulation. Tokenising twice changes nothing, so captions that came as words keep their
 * published scores. COCO's own tool differs in contractions and hyphens only. Languages written without
 * spaces are not split into words.
 */
export function tokenize(caption: string): string[] {
  return normalise(caption).match(TOKEN) ?? []
}

/** A token and where it stands in the text as it was written: [from, to) in UTF-16 units. */
export interface PlacedToken {
  token: string
  from: number
  to: number
}

/** The same words as `tokenize`, with their places. */
export function placeTokens(caption: string): PlacedToken[] {
  return Array.from(caption.matchAll(TOKEN), ({ 0: written, index }) => ({
    token: normalise(written),
    from: index,
    to: index + written.length,
  }))
}
