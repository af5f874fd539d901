import { STOP_WORDS } from '../topics/stop-words.ts'
import { quote } from './captions.ts'
import type { CaptionFinding, CheckedCaption, CheckedClip } from './captions.ts'
import { oneSlipApart } from './typos.ts'

/** Longer captions are compared whole only. */
const MAX_LENGTH = 400

/**
 * Captions that repeat an earlier one of the same clip: the same words; the same but for function words; or
 * the same but for one slip in spelling. The first stays.
 */
export function nearDuplicates({ captions }: CheckedClip): CaptionFinding[] {
  const byWords = new Map<string, CheckedCaption>()
  const byContentWords = new Map<string, CheckedCaption>()
  const unique: { words: string; caption: CheckedCaption }[] = []
  return captions.flatMap((caption): CaptionFinding[] => {
    const words = caption.tokens.join(' ')
    const contentWords = caption.tokens.filter((token) => !STOP_WORDS.has(token)).join(' ')
    if (words === '') {
      return []
    }
    const finding = (earlier: CheckedCaption, relation: string, score: number): CaptionFinding[] => [
      { caption, reason: `${relation} ${quote(earlier.text)}.`, suggestion: null, score },
    ]
    const twin = byWords.get(words)
    if (twin) {
      return finding(twin, 'The same words as', 0.9)
    }
    const sameContent = contentWords === '' ? undefined : byContentWords.get(contentWords)
    if (sameContent) {
      return finding(sameContent, 'Only function words set it apart from', 0.6)
    }
    const misspelt = unique.find((earlier) => isMisspelt(words, earlier.words))
    byWords.set(words, caption)
    if (contentWords !== '') {
      byContentWords.set(contentWords, caption)
    }
    unique.push({ words, caption })
    return misspelt ? finding(misspelt.caption, 'One letter sets it apart from', 0.75) : []
  })
}

const isMisspelt = (a: string, b: string): boolean =>
  a.length <= MAX_LENGTH && b.length <= MAX_LENGTH && oneSlipApart(a, b)
