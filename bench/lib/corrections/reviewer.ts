/**
 * A reviewer who goes by what people say. A caption's error is a topic that its clip bears and over a third of
 * the people name, and the caption does not. It is corrected by adding the topics that are missed and dropping
 * those that are named without reason, where that brings the caption nearer to what people say; else the
 * people's caption is typed that names the topic and agrees best with the others.
 */
import { decoding } from '#contract'
import type { Split } from '#contract'
import { tokenize } from '../../../src-main/common/tokenize.ts'
import { captionerHandlers } from '../../../src-main/engine/captioner/index.ts'
import { loadModel } from '../../../src-main/engine/captioner/model-folder.ts'
import { wordsOutside } from '../../../src-main/engine/captioner/vocabulary.ts'
import { correctionHandlers } from '../../../src-main/engine/corrections/index.ts'
import type {
  CaptionedClip,
  EngineContext,
  EngineParams,
  GeneratedCaption,
} from '../../../src-main/engine-host/contract/index.ts'
import { metricHandlers } from '../../../src-main/engine/metrics/index.ts'
import { topicSpotter } from '../../../src-main/project/review/topic-verdicts.ts'
import type { Corpus } from '../interpretability/corpora/corpus.ts'

export const BEAM = decoding.parse({})
/** People name a topic of a clip when more than this share of its captions do. */
const NAMED_BY = 1 / 3
/** CIDEr within this is the same. */
const SAME = 1e-9

type Wanted = EngineParams<'corrections.learn'>['wanted'][number]

export interface Edit {
  clip: CaptionedClip
  /** Columns of the topics that the caption misses. */
  missing: number[]
  wanted: Wanted
}

/** Reads the captions of a split. */
export class Reviewer {
  readonly clips: readonly CaptionedClip[]
  readonly #topicsIn: (caption: string) => boolean[]
  /** By clip, the columns of topics that it bears and people name, and of those that nobody names. */
  readonly #truth: ReadonlyMap<number, { wanted: ReadonlySet<number>; absent: ReadonlySet<number> }>
  readonly #context: EngineContext

  constructor({ clips, topics }: Corpus, split: Split, context: EngineContext) {
    this.clips = clips[split]
    this.#topicsIn = topicSpotter(topics)
    this.#context = context
    this.#truth = new Map(
      this.clips.map(({ id, captions, topics: borne }) => {
        const named = captions.map((caption) => this.#topicsIn(caption))
        const share = (k: number): number => named.filter((topic) => topic[k]).length / captions.length
        const columns = topics.map((_, k) => k)
        return [
          id,
          {
            wanted: new Set(borne.filter((k) => share(k) > NAMED_BY)),
            absent: new Set(columns.filter((k) => !borne.includes(k) && share(k) === 0)),
          },
        ]
      }),
    )
  }

  /** The topics that a caption of a clip misses, by column. */
  missing({ id }: CaptionedClip, caption: string): number[] {
    const named = this.#topicsIn(caption)
    return [...this.#truth.get(id)!.wanted].filter((k) => !named[k])
  }

  async captions(modelDir: string): Promise<GeneratedCaption[]> {
    const { captions } = await captionerHandlers['captioner.caption'](
      { modelDir, clips: [...this.clips], decoding: BEAM, device: 'cpu' },
      this.#context,
    )
    return captions
  }

  /** CIDEr of a caption of each clip, in the order of the clips. */
  async cider(captions: readonly string[]): Promise<number[]> {
    const { captions: scored } = await metricHandlers['metrics.score'](
      {
        hypotheses: this.clips.map(({ id }, i) => ({ id: String(id), caption: captions[i] ?? '' })),
        references: this.clips.map((clip) => ({ id: String(clip.id), captions: clip.captions })),
        tokenizer: 'words',
        bootstrap: null,
      },
      this.#context,
    )
    return scored.map(({ metrics }) => metrics.CIDEr)
  }

  /** What the reviewer does about the captions of a model, one edit for each clip with an error. */
  async edits(modelDir: string, captions: readonly string[]): Promise<Edit[]> {
    const { vocabulary, architecture } = await loadModel(modelDir)
    const wrong = this.clips.flatMap((clip, i) => {
      const missing = this.missing(clip, captions[i]!)
      return missing.length === 0 ? [] : [{ clip, place: i, missing }]
    })
    if (wrong.length === 0) {
      return []
    }
    const moves = wrong.map(({ clip, place, missing }) => ({
      clip,
      topics: this.#movesOf(clip, captions[place]!, missing),
      neurons: [],
    }))
    const { captions: moved } = await correctionHandlers['corrections.intervene'](
      { modelDir, interventions: moves, beam: BEAM.beam, device: 'cpu' },
      this.#context,
    )
    const after = new Map(wrong.map(({ place }, i) => [place, moved[i]!.after]))
    const before = await this.cider(captions)
    const gained = await this.cider(captions.map((caption, place) => after.get(place) ?? caption))
    const isSayable = (caption: string): boolean => {
      const words = tokenize(caption)
      return words.length <= architecture.settings.maxWords && wordsOutside(vocabulary, words).length === 0
    }
    return wrong.flatMap(({ clip, place, missing }, i): Edit[] => {
      if (gained[place]! > before[place]! + SAME) {
        return [{ clip, missing, wanted: { ...moves[i]!, typed: null } }]
      }
      const typed = this.#bestSaying(clip, missing, captions[place]!, isSayable)
      return typed === null ? [] : [{ clip, missing, wanted: { clip, topics: [], neurons: [], typed } }]
    })
  }

  #movesOf({ id }: CaptionedClip, caption: string, missing: readonly number[]): Wanted['topics'] {
    const named = this.#topicsIn(caption)
    const unsupported = [...this.#truth.get(id)!.absent].filter((k) => named[k])
    return [
      ...missing.map((topic) => ({ topic, strength: 1 })),
      ...unsupported.map((topic) => ({ topic, strength: -1 })),
    ]
  }

  /** Of people's captions that name what is missing, the one that shares most words with the others. */
  #bestSaying(
    { captions }: CaptionedClip,
    missing: readonly number[],
    spoken: string,
    isSayable: (caption: string) => boolean,
  ): string | null {
    const words = captions.map((caption) => new Set(tokenize(caption)))
    const agreement = (i: number): number =>
      [...words[i]!].reduce((sum, word) => sum + words.filter((other) => other.has(word)).length, 0) /
      words[i]!.size
    const fitting = captions
      .map((caption, i) => ({ caption: tokenize(caption).join(' '), score: agreement(i) }))
      .filter(({ caption }) => caption !== spoken && isSayable(caption))
      .filter(({ caption }) => missing.some((k) => this.#topicsIn(caption)[k]))
      .sort((a, b) => b.score - a.score)
    return fitting[0]?.caption ?? null
  }
}
