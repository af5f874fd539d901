/**
 * What learning a correction is after: a caption that is said with some slack. The corrected clip is to be captioned
 * as wanted in all its views (views.ts) and, whole, by narrower and wider searches too.
 */
import { decoding } from '#contract'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import type { EncodedBatch } from '../captioner/decoding/decoder.ts'
import { applyShift } from '../captioner/decoding/moves.ts'
import { encodeClips, longestCaption } from '../captioner/encoded-clips.ts'
import type { FeatureReader } from '../captioner/features.ts'
import { layOut } from '../captioner/minibatch.ts'
import type { BatchArrays, BatchShape } from '../captioner/minibatch.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { DeviceName } from '../graph/runtime.ts'
import type { Use } from '../releasing.ts'
import { CorrectedClips } from './corrected-clips.ts'
import { failures } from './failures.ts'
import { clipViews } from './views.ts'

/** How clips are captioned, and how else a corrected one is to come out the same. */
export const DECODING = decoding.parse({})
export const OTHER_DECODINGS = [
  decoding.parse({ method: 'greedy' }),
  decoding.parse({ beam: 3 }),
  decoding.parse({ beam: 10 }),
] as const

/** A clip, and what is to be said of it. */
export interface Wanted {
  clip: ClipFeatures
  caption: string
  /** How far the neurons were moved that had the network say it, [D], mean over the frames; missing: nobody moved any. */
  moved?: Float32Array
}

/** What is said with the neurons shifted. */
export interface Look {
  /** Of the whole clip. */
  caption: string
  /** By view, whether something else than the wanted caption is said of it; of the whole clip, by any search. */
  missed: boolean[]
}

export interface LessonSource {
  model: CaptionerModel
  reader: FeatureReader
  /** Rows and columns that frames are cut into. */
  cells: number
  device: DeviceName
  signal: AbortSignal
}

/** One correction, with all that is looked at while it is learnt. */
export class Lesson {
  /** The clip's views, whole first; they are rows of a minibatch. */
  readonly views: readonly ClipFeatures[]
  readonly caption: string
  /** How the network encodes the views. */
  readonly encoded: EncodedBatch
  /** Of the whole clip. */
  readonly frames: number
  /** The views with the wanted caption, as a minibatch of what is learnt from. */
  readonly minibatch: { shape: BatchShape; arrays: BatchArrays }
  /** f(v-bar) of the whole clip. */
  readonly topics: readonly number[]
  readonly #ofViews: CorrectedClips
  /** The whole clip, for every other decoding. */
  readonly #searches: readonly CorrectedClips[]
  /** The whole clip as the network encodes it. */
  readonly #whole: EncodedBatch

  private constructor(
    { views, caption }: { views: readonly ClipFeatures[]; caption: string },
    { encoded, topics, minibatch }: Pick<Lesson, 'encoded' | 'topics' | 'minibatch'>,
    {
      ofViews,
      searches,
      whole,
    }: { ofViews: CorrectedClips; searches: readonly CorrectedClips[]; whole: EncodedBatch },
  ) {
    this.views = views
    this.caption = caption
    this.encoded = encoded
    this.frames = whole.mask.filter((isFrame) => isFrame === 1).length
    this.minibatch = minibatch
    this.topics = topics
    this.#ofViews = ofViews
    this.#searches = searches
    this.#whole = whole
  }

  static async read({ clip, caption }: Wanted, source: LessonSource, use: Use): Promise<Lesson> {
    const views = await clipViews(clip, source.model.architecture.frames, source.cells)
    const ofViews = use(await CorrectedClips.read(views, DECODING, source))
    const searches = await Promise.all(
      OTHER_DECODINGS.map(async (search) => use(await CorrectedClips.read([clip], search, source))),
    )
    const encoded = await ofViews.encode()
    const { scores } = await ofViews.decoder.topics(encoded)
    const minibatch = minibatchOf(views, caption, source.model)
    const whole = await searches[0]!.encode()
    return new Lesson(
      { views, caption },
      { encoded, topics: scores[0]!, minibatch },
      { ofViews, searches, whole },
    )
  }

  /** What is said with `shift`, [D] or [n, D], added to the neurons. */
  async look(shift: Float32Array): Promise<Look> {
    const captions = await this.#ofViews.captions(shifted(this.encoded, shift, this.views.length))
    const missed = captions.map((caption) => caption !== this.caption)
    missed[0] ||= await this.#isMissedBySearches(shift)
    return { caption: captions[0]!, missed }
  }

  async #isMissedBySearches(shift: Float32Array): Promise<boolean> {
    for (const search of this.#searches) {
      const [caption] = await search.captions(shifted(this.#whole, shift, 1))
      if (caption !== this.caption) {
        return true
      }
    }
    return false
  }
}

/** Views that are all to be captioned alike. Throws BAD_INPUT for a caption without words. */
function minibatchOf(
  views: readonly ClipFeatures[],
  caption: string,
  { architecture, vocabulary }: CaptionerModel,
): Lesson['minibatch'] {
  const labelled = views.map((view) => ({ ...view, topics: [], captions: [caption] }))
  const clips = encodeClips(labelled, vocabulary, architecture.settings.maxWords)
  if (clips.length < views.length) {
    throw failures.noWords()
  }
  const shape = { clips: clips.length, captions: 1, words: longestCaption(clips) }
  const entries = clips.map((clip) => ({ clip, captions: [0] }))
  return { shape, arrays: layOut(entries, shape, architecture.topics) }
}

function shifted(encoded: EncodedBatch, shift: Float32Array, clips: number): EncodedBatch {
  const moved = { ...encoded, v: encoded.v.slice() }
  for (let clip = 0; clip < clips; clip++) {
    applyShift(moved, { clip, frames: encoded.mask.length / clips }, shift)
  }
  return moved
}
