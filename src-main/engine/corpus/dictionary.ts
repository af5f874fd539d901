import { loadWordNet } from '../metrics/wordnet.ts'
import type { Pacer } from '../pacer.ts'
import { STOP_WORDS } from '../topics/stop-words.ts'
import type { CheckedClip } from './captions.ts'

/** WordNet's shorter words are abbreviations, notes and elements as often as words: un, la, de. */
const SHORTEST = 3
/** Captions with at least this share of English words are English. */
const ENGLISH_SHARE = 0.5
/** A word that is in so many clips' captions is one. */
const SETTLED_CLIPS = 3

/** What is a word in the language of a corpus. */
export interface Dictionary {
  /** Whether most captions are English: then WordNet knows words, too. */
  english: boolean
  isWord(token: string): boolean
  /** Clips with the token in a caption. */
  clips(token: string): number
}

/**
 * Words are those that the captions of several clips have; of an English corpus, those of WordNet and the
 * function words, and those that its English captions have. `pause` is called between clips. Throws NOT_FOUND
 * when WordNet's package is not installed.
 */
export async function dictionaryOf(clips: readonly CheckedClip[], pause: Pacer): Promise<Dictionary> {
  const wordNet = await loadWordNet()
  const known = new Map<string, boolean>()
  const inWordNet = (token: string): boolean => {
    let is = known.get(token)
    if (is === undefined) {
      known.set(
        token,
        (is =
          STOP_WORDS.has(token) ||
          /^\p{N}+$/u.test(token) ||
          (token.length >= SHORTEST && wordNet.baseForms(token).length > 0)),
      )
    }
    return is
  }
  const isEnglish = (tokens: readonly string[]): boolean =>
    tokens.filter(inWordNet).length >= ENGLISH_SHARE * tokens.length
  let [captions, inEnglish] = [0, 0]
  for (const clip of clips) {
    if (pause.due()) {
      await pause()
    }
    captions += clip.captions.length
    inEnglish += clip.captions.filter(({ tokens }) => isEnglish(tokens)).length
  }
  const english = 2 * inEnglish > captions
  const all = new Map<string, number>()
  const settled = new Map<string, number>()
  for (const clip of clips) {
    if (pause.due()) {
      await pause()
    }
    const of = (chosen: CheckedClip['captions']) => new Set(chosen.flatMap(({ tokens }) => tokens))
    for (const token of of(clip.captions)) {
      all.set(token, (all.get(token) ?? 0) + 1)
    }
    for (const token of of(
      english ? clip.captions.filter(({ tokens }) => isEnglish(tokens)) : clip.captions,
    )) {
      settled.set(token, (settled.get(token) ?? 0) + 1)
    }
  }
  return {
    english,
    isWord: (token) => (english && inWordNet(token)) || (settled.get(token) ?? 0) >= SETTLED_CLIPS,
    clips: (token) => all.get(token) ?? 0,
  }
}
