/**
 * What learning corrections is after: captions that the network says by itself, with some slack. A corrected
 * clip is to be captioned as wanted in all its views (views.ts) and, whole, by narrower and wider searches
 * too; a clip that was corrected earlier keeps its caption.
 */
import { decoding } from '#contract'
import type { ClipFeatures } from '../../engine-host/contract/index.ts'
import type { FeatureBatch, FeatureReader } from '../captioner/features.ts'
import type { CaptionerModel } from '../captioner/model-folder.ts'
import type { Parameters } from '../captioner/parameters.ts'
import type { DeviceName } from '../graph/runtime.ts'
import type { Use } from '../releasing.ts'
import { CorrectedClips } from './corrected-clips.ts'
import { clipViews } from './views.ts'

/** How clips are captioned, and how else a corrected one is to come out the same. */
export const DECODING = decoding.parse({})
export const OTHER_DECODINGS = [
  decoding.parse({ method: 'greedy' }),
  decoding.parse({ beam: 3 }),
  decoding.parse({ beam: 10 }),
] as const

/** A clip, and what is to be said of it. */
export interface Lesson {
  clip: ClipFeatures
  caption: string
}

/** A lesson's view of its clip: one row of the minibatch that is learnt from. */
interface Row extends Lesson {
  lesson: number
  isWhole: boolean
}

/** What the network says, by row of the lessons. */
export interface Look {
  /** By lesson, what is said of its whole clip. */
  captions: string[]
  /** By row, whether something else than its caption is said of it. */
  missed: boolean[]
}

interface LessonSource {
  model: CaptionerModel
  /** To be learnt, with slack, and to be kept. */
  corrected: readonly Lesson[]
  kept: readonly Lesson[]
  reader: FeatureReader
  device: DeviceName
  signal: AbortSignal
}

export class Lessons {
  readonly rows: readonly Row[]
  readonly #corrected: number
  readonly #views: CorrectedClips
  /** The corrected clips, whole, for every other decoding. */
  readonly #searches: readonly CorrectedClips[]

  private constructor(
    rows: readonly Row[],
    corrected: number,
    { views, searches }: { views: CorrectedClips; searches: readonly CorrectedClips[] },
  ) {
    this.rows = rows
    this.#corrected = corrected
    this.#views = views
    this.#searches = searches
  }

  static async read(
    { model, corrected, kept, reader, device, signal }: LessonSource,
    use: Use,
  ): Promise<Lessons> {
    const { frames } = model.architecture
    const views = await Promise.all(corrected.map(({ clip }) => clipViews(clip, frames)))
    const lessonViews = [...views, ...kept.map(({ clip }) => [clip])]
    const rows = [...corrected, ...kept].flatMap(({ caption }, lesson) =>
      lessonViews[lesson]!.map((clip, view): Row => ({ clip, caption, lesson, isWhole: view === 0 })),
    )
    const source = { model, reader, device, signal }
    const whole = corrected.map(({ clip }) => clip)
    return new Lessons(rows, corrected.length, {
      views: use(
        await CorrectedClips.read(
          rows.map(({ clip }) => clip),
          DECODING,
          source,
        ),
      ),
      searches: await Promise.all(
        OTHER_DECODINGS.map(async (search) => use(await CorrectedClips.read(whole, search, source))),
      ),
    })
  }

  /** The rows as a batch. */
  get features(): FeatureBatch {
    return this.#views.features
  }

  async look(parameters: Parameters): Promise<Look> {
    const captions = await this.#views.captionsWith(parameters)
    const otherwise: string[][] = []
    for (const search of this.#searches) {
      otherwise.push(await search.captionsWith(parameters))
    }
    const missed = this.rows.map(
      ({ caption, lesson, isWhole }, row) =>
        captions[row] !== caption ||
        (isWhole && lesson < this.#corrected && otherwise.some((ofSearch) => ofSearch[lesson] !== caption)),
    )
    return { captions: captions.filter((_, row) => this.rows[row]!.isWhole), missed }
  }

  /** Whether a lesson has no row that is missed. */
  isLearnt({ missed }: Look, lesson: number): boolean {
    return this.rows.every((row, i) => row.lesson !== lesson || !missed[i])
  }
}
