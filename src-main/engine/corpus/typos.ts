/**
 * Probable typos: a word that is no word of the language, in next to no clip, one slip (of a letter more,
 * less, other, or two swapped) from a word that is far more common. Common words are found by deletions (the
 * symmetric deletion index of Garbe's SymSpell): two words within one edit have a common form with at most
 * one letter taken out of each. So time grows with the letters of the words, not with their pairs.
 */
import { placeTokens } from '../../common/tokenize.ts'
import type { CaptionFinding, CheckedClip } from './captions.ts'
import type { Dictionary } from './dictionary.ts'

/** Shorter words are too near to each other. */
const MIN_LENGTH = 4
const MAX_LENGTH = 30
/** In more clips a word is meant. */
const MAX_CLIPS = 2
/** The word that was meant is in so many clips at least, and in so many times more. */
const MEANT_CLIPS = 5
const MEANT_TIMES = 5
/** Typos that fall on the first letter are rare (Pollock and Zamora, CACM 27(4), 1984). */
const FIRST_LETTER = 0.5

/** A token that is probably a slip of a word. */
interface Correction {
  token: string
  word: string
  /** 0 to 1. */
  score: number
}

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
  const index = indexCommonWords(tokens, dictionary)
  const corrections = new Map<string, Correction>()
  for (const token of tokens) {
    if (isSuspect(token, dictionary)) {
      const correction = correctionOf(token, index, dictionary)
      if (correction) {
        corrections.set(token, correction)
      }
    }
  }
  return clips.flatMap(({ captions }) =>
    captions.flatMap((caption): CaptionFinding[] => {
      const found = [...new Set(caption.tokens)].flatMap((token) => corrections.get(token) ?? [])
      if (found.length === 0) {
        return []
      }
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

const isSpelt = (token: string): boolean => token.length <= MAX_LENGTH && /^\p{L}+$/u.test(token)

/** The words that can have been meant, by each of their deletions. */
function indexCommonWords(tokens: Iterable<string>, dictionary: Dictionary): Map<string, string[]> {
  const index = new Map<string, string[]>()
  for (const token of tokens) {
    if (
      token.length < MIN_LENGTH - 1 ||
      !isSpelt(token) ||
      dictionary.clips(token) < MEANT_CLIPS ||
      !dictionary.isWord(token)
    ) {
      continue
    }
    for (const form of deletions(token)) {
      const words = index.get(form) ?? []
      index.set(form, words)
      words.push(token)
    }
  }
  return index
}

const isSuspect = (token: string, dictionary: Dictionary): boolean =>
  token.length >= MIN_LENGTH &&
  isSpelt(token) &&
  dictionary.clips(token) <= MAX_CLIPS &&
  !dictionary.isWord(token)

/** What was probably meant; null when no common word is near. */
function correctionOf(
  token: string,
  index: ReadonlyMap<string, string[]>,
  dictionary: Dictionary,
): Correction | null {
  const clips = dictionary.clips(token)
  const candidates = [...new Set(deletions(token).flatMap((form) => index.get(form) ?? []))]
    .filter(
      (word) =>
        oneSlipApart(token, word) &&
        dictionary.clips(word) >= MEANT_TIMES * clips &&
        !isInflection(token, word),
    )
    .map((word) => ({ word, weight: dictionary.clips(word) * (word[0] === token[0] ? 1 : FIRST_LETTER) }))
    .sort((a, b) => b.weight - a.weight || (a.word < b.word ? -1 : 1))
  const [best] = candidates
  if (!best) {
    return null
  }
  // How clear it is: the best one's part of all that it could be, and the longer the word the surer.
  const total = candidates.reduce((sum, { weight }) => sum + weight, 0)
  return { token, word: best.word, score: (best.weight / total) * (1 - 1 / token.length) }
}

/**
 * A word that is missing from the dictionary, but made of one by an English ending, is none: zooms, selfies,
 * rapped.
 */
const isInflection = (token: string, word: string): boolean =>
  token === `${word}s` || token === `${word}d` || word === `${token}s`

/** The text with words put in others' place, in the case they were written in. */
function mend(text: string, words: ReadonlyMap<string, string>): string {
  let mended = ''
  let end = 0
  for (const { token, from, to } of placeTokens(text)) {
    const written = text.slice(from, to)
    const word = words.get(token)
    mended += text.slice(end, from) + (word === undefined ? written : inCaseOf(written, word))
    end = to
  }
  return mended + text.slice(end)
}

function inCaseOf(written: string, word: string): string {
  if (written.length > 1 && written === written.toUpperCase()) {
    return word.toUpperCase()
  }
  return written[0] === written[0]!.toUpperCase() ? word[0]!.toUpperCase() + word.slice(1) : word
}
