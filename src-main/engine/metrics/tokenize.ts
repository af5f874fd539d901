/**
 * The words of a caption, for the metrics and the topics alike: lower case, and everything but letters, marks and
 * digits (Unicode) separates words. So "It's a T-shirt." becomes `it s a t shirt`, as in the MSVD captions in
 * circulation. Tokenising twice changes nothing, so captions that came as words keep their published scores. COCO's own
 * tool differs in contractions and hyphens only. Languages written without spaces are not split into words.
 */
export function tokenize(caption: string): string[] {
  return caption.normalize('NFC').toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
}
