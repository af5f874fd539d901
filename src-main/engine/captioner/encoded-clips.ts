/** Clips with their captions as word ids: what minibatches are made of. */
import type { CaptionerSettings } from '#contract'
import { tokenize } from '../../common/tokenize.ts'
import type { CaptionedClip, ClipFeatures } from '../../engine-host/contract/index.ts'
import { failures } from './failures.ts'
import { wordIds } from './vocabulary.ts'
import type { Vocabulary } from './vocabulary.ts'

/** A clip with its captions as word ids: many, so they lie in one array. */
export interface EncodedClip extends ClipFeatures {
  topics: readonly number[]
  /** The ids of all captions, one caption after the other. */
  words: Int32Array
  /** Where each caption ends in `words`. */
  ends: Int32Array
}

/** Clips with captions as ids; those without any are left out. */
export function encodeClips(
  clips: readonly CaptionedClip[],
  vocabulary: Vocabulary,
  maxWords: number,
): EncodedClip[] {
  return clips.flatMap(({ captions, ...clip }) => {
    const encoded = captions
      .map((caption) => wordIds(vocabulary, caption, maxWords))
      .filter((ids) => ids.length > 0)
    return encoded.length === 0 ? [] : [withCaptions(clip, encoded)]
  })
}

/** A clip with captions that are word ids already. */
export function withCaptions(
  clip: Omit<CaptionedClip, 'captions'>,
  captions: readonly (readonly number[])[],
): EncodedClip {
  let end = 0
  return {
    ...clip,
    words: Int32Array.from(captions.flat()),
    ends: Int32Array.from(captions, (ids) => (end += ids.length)),
  }
}

/**
 * As `encodeClips`, without captions that are too long to be learnt from. Throws NOT_READY when no clip of the
 * split has a caption.
 */
export function encodeSplit(
  split: 'training' | 'validation',
  clips: readonly CaptionedClip[],
  vocabulary: Vocabulary,
  { maxWords, maxLearntWords }: Pick<CaptionerSettings, 'maxWords' | 'maxLearntWords'>,
): EncodedClip[] {
  const isLearnt = (caption: string): boolean =>
    maxLearntWords === 0 || tokenize(caption).length <= maxLearntWords
  const learnt = clips.map((clip) => ({ ...clip, captions: clip.captions.filter(isLearnt) }))
  const encoded = encodeClips(learnt, vocabulary, maxWords)
  if (encoded.length === 0) {
    throw failures.noCaptions({ split })
  }
  return encoded
}

/** The word ids of a clip's caption `c`. */
export const captionWords = ({ words, ends }: EncodedClip, c: number): Int32Array =>
  words.subarray(c === 0 ? 0 : ends[c - 1], ends[c])

/** Places that a clip's caption `c` takes: its words and the end word. */
export const captionLength = ({ ends }: EncodedClip, c: number): number =>
  (ends[c] ?? 0) - (c === 0 ? 0 : (ends[c - 1] ?? 0)) + 1

/** Places of the longest caption among the first `captions` of each clip. */
export const longestCaption = (clips: readonly EncodedClip[], captions = Infinity): number =>
  clips.reduce(
    (longest, clip) =>
      clip.ends
        .subarray(0, captions)
        .reduce((longestOfClip, _, c) => Math.max(longestOfClip, captionLength(clip, c)), longest),
    0,
  )
