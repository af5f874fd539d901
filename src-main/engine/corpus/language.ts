import type { CaptionFinding, CheckedClip } from './captions.ts'
import type { Dictionary } from './dictionary.ts'

/** Scripts that captions are written in; Japanese mixes several. */
const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['Latin', /\p{Script=Latin}/gu],
  ['Cyrillic', /\p{Script=Cyrillic}/gu],
  ['Greek', /\p{Script=Greek}/gu],
  ['Arabic', /\p{Script=Arabic}/gu],
  ['Hebrew', /\p{Script=Hebrew}/gu],
  ['Devanagari', /\p{Script=Devanagari}/gu],
  ['Thai', /\p{Script=Thai}/gu],
  ['Hangul', /\p{Script=Hangul}/gu],
  ['Chinese or Japanese', /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu],
]
/** Of a longer caption, so many characters count. */
const MAX_LENGTH = 1000
/** Fewer tokens tell no language, but for so few without a single known word. */
const MIN_TOKENS = 4
const MIN_UNKNOWN = 3
/** A caption of which less than this share are words of the corpus' language is in another. */
const WORD_SHARE = 0.34

/** The script that most letters of a text are of; null without any. */
function scriptOf(text: string): string | null {
  let best: { script: string | null; letters: number } = { script: null, letters: 0 }
  for (const [script, pattern] of SCRIPTS) {
    const letters = text.slice(0, MAX_LENGTH).match(pattern)?.length ?? 0
    if (letters > best.letters) {
      best = { script, letters }
    }
  }
  return best.script
}

/** Captions in another script than most, or with hardly a word of the language of most. */
export function foreignCaptions(clips: readonly CheckedClip[], dictionary: Dictionary): CaptionFinding[] {
  const captions = clips.flatMap((clip) =>
    clip.captions.map((caption) => ({ caption, script: scriptOf(caption.text) })),
  )
  const main = mostFrequent(captions.flatMap(({ script }) => script ?? []))
  return captions.flatMap(({ caption, script }) => {
    if (script === null) {
      return []
    }
    if (script !== main) {
      return [
        {
          caption,
          reason: `Its script is ${script}; most captions' is ${main ?? 'another'}.`,
          suggestion: null,
          score: 1,
        },
      ]
    }
    const tokens = [...new Set(caption.tokens)]
    const words = tokens.filter((token) => dictionary.isWord(token)).length
    if (tokens.length < (words === 0 ? MIN_UNKNOWN : MIN_TOKENS) || words >= WORD_SHARE * tokens.length) {
      return []
    }
    const others = dictionary.english ? 'English words or words of other captions' : 'words of other captions'
    return [
      {
        caption,
        reason: `Only ${words} of its ${tokens.length} words are ${others}.`,
        suggestion: null,
        score: 1 - words / tokens.length,
      },
    ]
  })
}

/** The first of the most frequent ones; undefined of none. */
function mostFrequent(names: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const name of names) {
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const [first] = [...counts].sort(([, a], [, b]) => b - a)
  return first?.[0]
}
