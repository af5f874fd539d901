/** How good captions are, against those that people wrote. */
import type { CaptionMetrics } from '#contract'
import type { Handlers } from './call.ts'

/** The captions that people wrote of a clip. */
export interface Reference {
  id: number
  captions: string[]
}

/** `words`: Vitrine's own; `ptb`: as COCO's tools; `whitespace`: the text is already tokens. */
export type Tokenizer = 'words' | 'ptb' | 'whitespace'

/** Scores are from 0 to 1, but CIDEr's, which are from 0 to 10. */
export interface MetricMethods {
  /**
   * Corpus and per-caption scores, as pycocoevalcap and (METEOR) nltk; captions in the order of `hypotheses`.
   * `intervals` are 95% bootstrap intervals over the captions. Throws BAD_INPUT unless hypotheses and
   * references name the same ids, each once, and NOT_FOUND without WordNet's package, as all that score with
   * METEOR.
   */
  'metrics.score': {
    params: {
      hypotheses: { id: string; caption: string }[]
      references: { id: string; captions: string[] }[]
      tokenizer: Tokenizer
      bootstrap: { samples: number; seed: number } | null
    }
    result: {
      metrics: CaptionMetrics
      intervals: Record<string, { low: number; high: number }> | null
      captions: { id: string; metrics: CaptionMetrics }[]
    }
  }
  /**
   * CIDEr of any captions, each against the references of its id; document frequencies from all references.
   * Throws BAD_INPUT for a caption without references.
   */
  'metrics.cider': {
    params: { hypotheses: { id: number; caption: string }[]; references: Reference[] }
    result: { cider: number[] }
  }
  /**
   * A paired comparison of two systems' captions of the same ids: see `comparison` of the contract. Throws
   * BAD_INPUT unless both and the references name the same ids, each once.
   */
  'metrics.compare': {
    params: {
      a: { id: string; caption: string }[]
      b: { id: string; caption: string }[]
      references: { id: string; captions: string[] }[]
      tokenizer: Tokenizer
      samples: number
      seed: number
    }
    result: {
      metrics: {
        metric: string
        a: number
        b: number
        difference: number
        low: number
        high: number
        p: number
      }[]
    }
  }
  /**
   * Scores a captioned split, finds the best fixed caption among `candidates`, and scores the topic head.
   * Throws BAD_INPUT unless `captions` and `references` name the same clips, each once, and `topicTruth`
   * holds every one of them; DIVERGED for topic scores that are no finite numbers.
   */
  'metrics.evaluate': {
    params: {
      /** `topics`: f(v-bar), [K]. */
      captions: { id: number; caption: string; topics: number[] }[]
      references: Reference[]
      /** Training captions to choose the fixed caption from. */
      candidates: string[]
      /** The columns that are 1 of each clip's topic vector; null when the model has no topics. */
      topicTruth: { id: number; topics: number[] }[] | null
    }
    result: {
      metrics: CaptionMetrics
      intervals: Record<string, { low: number; high: number }>
      /** CIDEr of each caption, in the order of `captions`. */
      cider: number[]
      fixedCaption: { caption: string; metrics: CaptionMetrics }
      /** `averagePrecision` by topic, null for one that no clip bears; `chance`: what mAP is by chance. */
      topics: { mAP: number; chance: number; averagePrecision: (number | null)[] } | null
    }
  }
}

export type MetricHandlers = Handlers<MetricMethods>
