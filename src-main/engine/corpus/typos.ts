/**
 * Probable typos: a word that is no word of the language, in next to no clip, one slip (of a letter more,
 * less, other, or two swapped) from a word that is far more common. Common words are found by deletions (the
 * symmetric deletion index of Garbe's SymSpell): two words within one edit have a common form with at most
 * one letter taken out of each. So time grows with the letters of the words, not with their pairs.
 */
import type { CaptionFinding, CheckedClip } from './captions.ts'
import type { Dictionary } from './dictionary.ts'

/** Shorter words are too near to each other. */
const SHORTEST = 4
const LONGEST = 30
/** In more clips a word is meant. */
const MOST_CLIPS = 2
/** The word that was meant is in so many clips at least, and in so many times more. */
const MEANT_CLIPS = 5
const MEANT_TIMES = 5
/** Typos that fall on the first letter are rare (Pollock and Zamora, CACM 27(4), 1984). */
const FIRST_LETTER = 0.5

/** The word, and all with one letter taken out. */
const deletions = (word: string): string[] => [
  word,
  ...Array.from(word, (_, i) => word.slice(0, i) + word.slice(i + 1)),
]

/** Whether two words are one insertion, deletion, substitution or swap of neighbours apart. */
export function oneSlipApart(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) {
    return false
  }
  let i = 0
  while (i < a.length && a[i] === b[i]) {
    i++
  }
  if (a.length !== b.length) {
    const [short, long] = a.length < b.length ? [a, b] : [b, a]
    return short.slice(i) === long.slice(i + 1)
  }
  return (
    a.slice(i + 1) === b.slice(i + 1) ||
    (a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2))
  )
}

/** Captions with probable typos; of several in one the suggestion mends all. */
export function typos(clips: readonly CheckedClip[], dictionary: Dictionary): CaptionFinding[] {
  const tokens = new Set(clips.flatMap(({ captions }) => captions.flatMap((caption) => caption.tokens)))
  const spelt = (token: string): boolean => token.length <= LONGEST && /^\p{L}+$/u.test(token)
  const forms = new Map<string, string[]>()
  for (const token of tokens) {
    if (
      token.length < SHORTEST - 1 ||
      !spelt(token) ||
      dictionary.clips(token) < MEANT_CLIPS ||
      !dictionary.isWord(token)
    ) {
      continue
    }
    for (const form of deletions(token)) {
      const own = forms.get(form)
      if (own) {
        own.push(token)
      } else {
        forms.set(form, [token])
      }
    }
  }
  const meant = new Map<string, { word: string; score: number }>()
  for (const token of tokens) {
    const seen = dictionary.clips(token)
    if (token.length < SHORTEST || !spelt(token) || seen > MOST_CLIPS || dictionary.isWord(token)) {
      continue
    }
    const candidates = [...new Set(deletions(token).flatMap((form) => forms.get(form) ?? []))]
      .filter(
        (word) =>
          oneSlipApart(token, word) &&
          dictionary.clips(word) >= MEANT_TIMES * seen &&
          !isInflection(token, word),
      )
      .map((word) => ({ word, weight: dictionary.clips(word) * (word[0] === token[0] ? 1 : FIRST_LETTER) }))
      .sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1))
    const [best] = candidates
    if (!best) {
      continue
    }
    // How clear it is: the best one's part of all that it could be, and the longer the word the surer.
    const all = candidates.reduce((sum, { weight }) => sum + weight, 0)
    meant.set(token, { word: best.word, score: (best.weight / all) * (1 - 1 / token.length) })
  }
  return clips.flatMap(({ captions }) =>
    captions.flatMap((caption): CaptionFinding[] => {
      const wrong = [...new Set(caption.tokens)].filter((token) => meant.has(token))
      if (wrong.length === 0) {
        return []
      }
      const found = wrong.map((token) => ({ token, ...meant.get(token)! }))
      const reason = found.map(({ token, word }) => `"${token}" is probably "${word}"`).join(', ')
      return [
        {
          caption,
          reason: `${reason}.`,
          suggestion: mend(caption.text, new Map(found.map(({ token, word }) => [token, word]))),
          score: Math.max(...found.map(({ score }) => score)),
        },
      ]
    }),
  )
}

/**
 * A word that is missing from the dictionary, but made of one by an English ending, is none: zooms, selfies,
 * rapped.
 */
const isInflection = (token: string, word: string): boolean =>
  token === `${word}s` || token === `${word}d` || word === `${token}s`

/** The text with words put in others' place, in the case they were written in. */
function mend(text: string, meant: ReadonlyMap<string, string>): string {
  return text.replace(/[\p{L}\p{M}\p{N}]+/gu, (written) => {
    const word = meant.get(written.normalize('NFC').toLowerCase())
    if (word === undefined) {
      return written
    }
    if (written.length > 1 && written === written.toUpperCase()) {
      return word.toUpperCase()
    }
    return written[0] === written[0]!.toUpperCase() ? word[0]!.toUpperCase() + word.slice(1) : word
  })
}
