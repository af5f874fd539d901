import { loadWordNet } from '../metrics/wordnet.ts'
import type { Pacer } from '../pacer.ts'
import { STOP_WORDS } from '../topics/stop-words.ts'
import type { CheckedCaption, CheckedClip } from './captions.ts'

/** WordNet's shorter words are abbreviations, notes and elements as often as words: un, la, de. */
const MIN_LENGTH = 3
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
  const inWordNet = await wordNetLookup()
  const isEnglish = ({ tokens }: CheckedCaption): boolean =>
    tokens.filter(inWordNet).length >= ENGLISH_SHARE * tokens.length
  const english = await areMostly(isEnglish, clips, pause)
  const inClips = new Map<string, number>()
  const inNativeClips = new Map<string, number>()
  for (const { captions } of clips) {
    if (pause.due()) {
      await pause()
    }
    countTokens(captions, inClips)
    countTokens(english ? captions.filter(isEnglish) : captions, inNativeClips)
  }
  return {
    english,
    isWord: (token) => (english && inWordNet(token)) || (inNativeClips.get(token) ?? 0) >= SETTLED_CLIPS,
    clips: (token) => inClips.get(token) ?? 0,
  }
}

/** Whether a token is a number, a function word or one of WordNet's words. */
async function wordNetLookup(): Promise<(token: string) => boolean> {
  const wordNet = await loadWordNet()
  const known = new Map<string, boolean>()
  return (token) => {
    let isWord = known.get(token)
    if (isWord === undefined) {
      isWord =
        STOP_WORDS.has(token) ||
        /^\p{N}+$/u.test(token) ||
        (token.length >= MIN_LENGTH && wordNet.baseForms(token).length > 0)
      known.set(token, isWord)
    }
    return isWord
  }
}

/** Whether more than half of the captions are so. */
async function areMostly(
  isSo: (caption: CheckedCaption) => boolean,
  clips: readonly CheckedClip[],
  pause: Pacer,
): Promise<boolean> {
  let [all, matching] = [0, 0]
  for (const { captions } of clips) {
    if (pause.due()) {
      await pause()
    }
    all += captions.length
    matching += captions.filter(isSo).length
  }
  return 2 * matching > all
}

/** Adds a clip to the counts of the tokens that its captions have. */
function countTokens(captions: readonly CheckedCaption[], counts: Map<string, number>): void {
  for (const token of new Set(captions.flatMap(({ tokens }) => tokens))) {
    counts.set(token, (counts.get(token) ?? 0) + 1)
  }
}
