/**
 * Corpora that are as large as real ones: as many clips, captions, frames and words in the vocabulary, and captions as
 * long. What the words say is made up: a training step takes as long whatever they are.
 */
import { presetSettings } from '../../src-main/common/presets.ts'
import type { EncodedClip } from '../../src-main/engine/captioner/encoded-clips.ts'
import type { Architecture } from '../../src-main/engine/captioner/parameters.ts'
import { END } from '../../src-main/engine/captioner/vocabulary.ts'
import { createRandom } from '../../src-main/common/random.ts'

export interface RealLengths {
  name: string
  clips: number
  captionsPerClip: number
  /** Frames of a clip, and features of a frame. */
  frames: number
  features: number
  /** Words that the rule for rare words keeps, the four marks included, and those that there are. */
  vocabulary: { kept: number; all: number }
  /** Captions of 1, 2, 3, ... words, in thousandths. */
  lengths: readonly number[]
}

/** 5,000 training pictures of Flickr8k with the built-in encoders; 700 videos of MSR-VTT with 128 features a frame. */
export const REAL_LENGTHS: readonly RealLengths[] = [
  {
    name: 'Flickr8k',
    clips: 5000,
    captionsPerClip: 5,
    frames: 1,
    features: 2416,
    vocabulary: { kept: 2312, all: 6829 },
    lengths: [
      0, 0, 4, 11, 28, 65, 85, 96, 111, 110, 105, 92, 76, 63, 45, 33, 23, 18, 12, 7, 5, 4, 3, 2, 1, 1,
    ],
  },
  {
    name: 'MSR-VTT',
    clips: 700,
    captionsPerClip: 20,
    frames: 50,
    features: 128,
    vocabulary: { kept: 3111, all: 7322 },
    lengths: [
      0, 0, 4, 62, 102, 129, 116, 109, 102, 92, 70, 54, 36, 28, 21, 17, 13, 10, 9, 6, 5, 4, 3, 2, 1, 2, 1, 1,
      0, 2,
    ],
  },
]

/** The captioner that the preset `default` makes of a corpus. */
export function defaultArchitecture({
  clips,
  captionsPerClip,
  frames,
  features,
  vocabulary,
}: RealLengths): Architecture {
  const settings = presetSettings('default', {}, { clips, captions: clips * captionsPerClip, frames })
  return {
    settings,
    frames,
    inputSize: settings.projection === 0 ? features : Math.min(settings.projection, features),
    vocabularySize: settings.minWordCount === 0 ? vocabulary.kept : vocabulary.all,
    topics: 100,
  }
}

/** Clips whose captions are as long as the corpus' are, in random order. */
export function clipsOfLengths({ clips, captionsPerClip, lengths }: RealLengths): EncodedClip[] {
  const random = createRandom(5)
  const total = lengths.reduce((sum, share) => sum + share, 0)
  const drawLength = (): number => {
    let left = random.next() * total
    return Math.max(1, 1 + lengths.findIndex((share) => (left -= share) < 0))
  }
  return Array.from({ length: clips }, (_, id) => {
    let end = 0
    const ends = Int32Array.from({ length: captionsPerClip }, () => (end += drawLength()))
    return { id, features: '', topics: [], words: new Int32Array(end).fill(END + 1), ends }
  })
}
