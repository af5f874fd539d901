/**
 * What a model says instead of what people say. In a clip a word is missed where at least half of the people say it and the
 * model does not, and it is the model's own where no human caption of the clip has it. Each pair of an own and a missed word
 * is counted over the clips: words that stand together by chance do so once, and a system that takes one thing for another
 * says the same pair again and again.
 */
import type { Confusion } from '#contract'
import { tokenize } from '../../common/tokenize.ts'

export interface DescribedClip {
  clipId: number
  /** By the model. */
  caption: string
  /** By people. */
  human: readonly string[]
}

/** A pair in fewer clips says nothing. */
const FEWEST = 2

/** The most frequent pairs first; of equal ones that which is missed in more of the clips where people say it. */
export function confusionsOf(clips: readonly DescribedClip[]): Confusion[] {
  const clipsOf = new Map<string, number>()
  const pairs = new Map<string, Omit<Confusion, 'clips'>>()
  for (const { clipId, caption, human } of clips) {
    const { invented, missed, usual } = wordsOf(caption, human)
    for (const word of usual) {
      clipsOf.set(word, (clipsOf.get(word) ?? 0) + 1)
    }
    for (const people of missed) {
      for (const says of invented.length > 0 ? invented : [null]) {
        const key = JSON.stringify([says, people])
        const pair = pairs.get(key) ?? { says, people, clipIds: [] }
        pair.clipIds.push(clipId)
        pairs.set(key, pair)
      }
    }
  }
  return [...pairs.values()]
    .filter(({ clipIds }) => clipIds.length >= FEWEST)
    .map((pair) => ({ ...pair, clips: clipsOf.get(pair.people) ?? 0 }))
    .sort(byFrequency)
}

function byFrequency(a: Confusion, b: Confusion): number {
  return b.clipIds.length - a.clipIds.length || a.clips - b.clips || compareWords(a, b)
}

const compareWords = (a: Confusion, b: Confusion): number =>
  a.people.localeCompare(b.people, 'en') || (a.says ?? '').localeCompare(b.says ?? '', 'en')

/** Words of the model alone, those that it misses, and those that at least half of the people say. */
function wordsOf(
  caption: string,
  human: readonly string[],
): { invented: string[]; missed: string[]; usual: string[] } {
  const generated = new Set(tokenize(caption))
  const counts = new Map<string, number>()
  for (const sentence of human) {
    for (const word of new Set(tokenize(sentence))) {
      counts.set(word, (counts.get(word) ?? 0) + 1)
    }
  }
  const usual = [...counts].flatMap(([word, count]) => (2 * count >= human.length ? [word] : []))
  return {
    invented: [...generated].filter((word) => !counts.has(word)),
    missed: usual.filter((word) => !generated.has(word)),
    usual,
  }
}
