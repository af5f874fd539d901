import { STOP_WORDS } from '../topics/stop-words.ts'
import { quote } from './captions.ts'
import type { CaptionFinding, CheckedCaption, CheckedClip } from './captions.ts'
import { oneSlipApart } from './typos.ts'

/** Longer captions are compared whole only. */
const LONGEST = 400

/**
 * Captions that repeat an earlier one of the same clip: the same words; the same but for function words; or
 * the same but for one slip in spelling. The first stays.
 */
export function nearDuplicates({ captions }: CheckedClip): CaptionFinding[] {
  const whole = new Map<string, CheckedCaption>()
  const content = new Map<string, CheckedCaption>()
  const kept: { key: string; caption: CheckedCaption }[] = []
  return captions.flatMap((caption): CaptionFinding[] => {
    const same = caption.tokens.join(' ')
    const key = caption.tokens.filter((token) => !STOP_WORDS.has(token)).join(' ')
    if (same === '') {
      return []
    }
    const finding = (of: CheckedCaption, how: string, score: number): CaptionFinding[] => [
      { caption, reason: `${how} ${quote(of.text)}.`, suggestion: null, score },
    ]
    const twin = whole.get(same)
    if (twin) {
      return finding(twin, 'The same words as', 0.9)
    }
    const alike = key === '' ? undefined : content.get(key)
    if (alike) {
      return finding(alike, 'Only function words set it apart from', 0.6)
    }
    const near =
      same.length > LONGEST
        ? undefined
        : kept.find((other) => other.key.length <= LONGEST && oneSlipApart(same, other.key))
    whole.set(same, caption)
    if (key !== '') {
      content.set(key, caption)
    }
    kept.push({ key: same, caption })
    return near ? finding(near.caption, 'One letter sets it apart from', 0.75) : []
  })
}
