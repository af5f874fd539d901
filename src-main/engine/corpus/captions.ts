import { tokenize } from '../../common/tokenize.ts'

/** A caption as the checks see it. */
export interface CheckedCaption {
  id: number
  clipId: number
  text: string
  tokens: string[]
}

/** What a check says of one caption. */
export interface CaptionFinding {
  caption: CheckedCaption
  reason: string
  suggestion: string | null
  /** 0 to 1. */
  score: number
}

export interface CheckedClip {
  id: number
  captions: CheckedCaption[]
}

/** A text longer than this is quoted by its beginning. */
const MAX_QUOTED = 60

/** Reads clips; a word takes memory once, however often it occurs. */
export function createReader(): (clip: {
  id: number
  captions: { id: number; text: string }[]
}) => CheckedClip {
  const words = new Map<string, string>()
  const intern = (token: string): string => {
    const known = words.get(token)
    if (known !== undefined) {
      return known
    }
    words.set(token, token)
    return token
  }
  return ({ id, captions }) => ({
    id,
    captions: captions.map((caption) => ({
      ...caption,
      clipId: id,
      tokens: tokenize(caption.text).map(intern),
    })),
  })
}

export const quote = (text: string): string =>
  `"${text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text}"`
