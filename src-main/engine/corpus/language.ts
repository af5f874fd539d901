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
/** Characters of a caption that are looked at. */
const LOOKED_AT = 1000
/** Fewer tokens tell no language, but for so few without a single word. */
const FEWEST_TOKENS = 4
const FEWEST_UNKNOWN = 3
/** A caption of which less than this share are words of the corpus' language is in another. */
const WORD_SHARE = 0.34

/** The script that most letters of a text are of; null without any. */
function scriptOf(text: string): string | null {
  let [best, most]: [string | null, number] = [null, 0]
  for (const [script, letters] of SCRIPTS) {
    const count = text.slice(0, LOOKED_AT).match(letters)?.length ?? 0
    if (count > most) {
      ;[best, most] = [script, count]
    }
  }
  return best
}

/** Captions in another script than most, or with hardly a word of the language of most. */
export function foreignCaptions(clips: readonly CheckedClip[], dictionary: Dictionary): CaptionFinding[] {
  const captions = clips.flatMap((clip) =>
    clip.captions.map((caption) => ({ caption, script: scriptOf(caption.text) })),
  )
  const counts = new Map<string, number>()
  for (const { script } of captions) {
    if (script !== null) {
      counts.set(script, (counts.get(script) ?? 0) + 1)
    }
  }
  const [main] = [...counts].sort((a, b) => b[1] - a[1]).map(([script]) => script)
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
    if (
      tokens.length < (words === 0 ? FEWEST_UNKNOWN : FEWEST_TOKENS) ||
      words >= WORD_SHARE * tokens.length
    ) {
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
